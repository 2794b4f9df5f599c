# SPDX-License-Identifier: BSD-2-Clause
# fish completion for collarctl; made by: collarctl completion fish

set -g __collarctl_valued --port -p --serial -s --unit --key -k --format -f --output -o --trace --timeout --color --since --until --time-format --new-serial --model --premises-id --address --city --state --zip --location-notes --der-type --from --wait --at --hold --tag --minutes --times --count --unix --tcp --refuse-baud --garble-baud --usbip --baud --noise --cut-after

# Command and verb so far; options and their values passed over.
function __collarctl_place
    set -l found
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
        else if contains -- $word $__collarctl_valued
            set value yes
        else if not string match -q -- '-*' $word
            set -a found $word
        end
    end
    string join -- ' ' $found[1..2]
end

# Stands the line exactly there?
function __collarctl_at
    set -l place (__collarctl_place)
    test "$place" = "$argv"
end

# Does it stand there, whatever follows?
function __collarctl_in
    set -l place (__collarctl_place)
    string match -q -- "$argv *" "$place "
end

function __collarctl_ports
    printf '%s\n' sim sim: serial: optical: usb usb: unix: tcp:
    collarctl completion ports 2>/dev/null
end

function __collarctl_sims
    collarctl completion sims 2>/dev/null
end

complete -c collarctl -e
complete -c collarctl -f

complete -c collarctl -s p -l port -r -a '(__collarctl_ports)' -d 'where the collar is; or $COLLARCTL_PORT'
complete -c collarctl -s s -l serial -r -d 'the unit meant: serial number or hw:HEX; another one refuses'
complete -c collarctl -l unit -r -d 'the same as --serial'
complete -c collarctl -s k -l key -r -F -d 'credentials; or $COLLARCTL_KEY'
complete -c collarctl -s f -l format -r -a 'text json csv ndjson' -d 'text, json, or what the command has'
complete -c collarctl -l json -d 'short for --format json'
complete -c collarctl -s o -l output -r -F -d 'write the answer to FILE; - is stdout'
complete -c collarctl -s n -l dry-run -d 'say what would change, and change nothing'
complete -c collarctl -s y -l yes -d 'do not ask before a change that moves power'
complete -c collarctl -s q -l quiet -d 'say less'
complete -c collarctl -s v -l verbose -d 'say more'
complete -c collarctl -l trace -r -F -d 'record every frame in FILE'
complete -c collarctl -l timeout -r -d 'longest silence of the collar'
complete -c collarctl -l color -r -a 'auto always never' -d 'auto, always or never; NO_COLOR is honoured'
complete -c collarctl -s h -l help -d 'show help'
complete -c collarctl -s V -l version -d 'show the version'

complete -c collarctl -n '__collarctl_at' -a list -d 'every collar in reach, and every port with why not'
complete -c collarctl -n '__collarctl_at' -a doctor -d 'what is wrong, from the socket to the contacts'
complete -c collarctl -n '__collarctl_at' -a info -d 'identity and the whole unit record'
complete -c collarctl -n '__collarctl_at' -a status -d 'operating status, hex status decoded, relay, LCD, measured values'
complete -c collarctl -n '__collarctl_at' -a lcd -d 'the unit\'s glass as it looks, what it means, what to do'
complete -c collarctl -n '__collarctl_at' -a get -d 'single fields, one bare value a line'
complete -c collarctl -n '__collarctl_at' -a data -d 'interval data of the unit'
complete -c collarctl -n '__collarctl_at data' -a info -d 'what interval data the unit holds, and where it has gaps'
complete -c collarctl -n '__collarctl_at data' -a dump -d 'the interval data: one record a sample interval, oldest first'
complete -c collarctl -n '__collarctl_at' -a events -d 'the unit\'s log: every change and fault, oldest first'
complete -c collarctl -n '__collarctl_at' -a clock -d 'the unit\'s clock: UTC, drift against this computer, trusted or not'
complete -c collarctl -n '__collarctl_at clock' -a show -d 'the unit\'s clock and its drift (the default)'
complete -c collarctl -n '__collarctl_at clock' -a set -d 'set it to this computer\'s UTC'
complete -c collarctl -n '__collarctl_at' -a provision -d 'give the unit its identity and its place, and put it in service'
complete -c collarctl -n '__collarctl_at' -a set -d 'change fields of the unit record'
complete -c collarctl -n '__collarctl_at' -a unprovision -d 'take the unit out of service'
complete -c collarctl -n '__collarctl_at' -a outcome -d 'what became of a change whose answer was lost'
complete -c collarctl -n '__collarctl_at' -a relay -d 'the DER relay: look, OPEN, SHUT, tag out'
complete -c collarctl -n '__collarctl_at relay' -a status -d 'position, contact, and what is pending (the default)'
complete -c collarctl -n '__collarctl_at relay' -a open -d 'disconnect the DER circuit'
complete -c collarctl -n '__collarctl_at relay' -a shut -d 'connect the DER circuit'
complete -c collarctl -n '__collarctl_at relay' -a cancel -d 'cancel a scheduled move'
complete -c collarctl -n '__collarctl_at relay' -a confirm -d 'keep a move that would go back by itself'
complete -c collarctl -n '__collarctl_at relay' -a exercise -d 'to the other position and back, judged by contact and voltage'
complete -c collarctl -n '__collarctl_at relay' -a tag -d 'tag the unit out: refuse every SHUT'
complete -c collarctl -n '__collarctl_at relay' -a untag -d 'take the tag-out off'
complete -c collarctl -n '__collarctl_at' -a test -d 'test mode'
complete -c collarctl -n '__collarctl_at test' -a status -d 'is it active, and for how long (the default)'
complete -c collarctl -n '__collarctl_at test' -a start -d 'begin it'
complete -c collarctl -n '__collarctl_at test' -a stop -d 'end it'
complete -c collarctl -n '__collarctl_at' -a explain -d 'what a status, an LCD text or an error means, and what to do'
complete -c collarctl -n '__collarctl_at' -a decode -d 'model numbers, hex status and CBOR, without a collar'
complete -c collarctl -n '__collarctl_at decode' -a model -d 'a model number: breaker, neutral pigtail, torques'
complete -c collarctl -n '__collarctl_at decode' -a hex-status -d 'a hex status: its conditions and what to do'
complete -c collarctl -n '__collarctl_at decode' -a cbor -d 'CBOR bytes in hex, in diagnostic notation'
complete -c collarctl -n '__collarctl_at' -a sim -d 'virtual collars: to practise, and for tests'
complete -c collarctl -n '__collarctl_at sim' -a list -d 'every virtual collar there is'
complete -c collarctl -n '__collarctl_at sim' -a show -d 'its settings'
complete -c collarctl -n '__collarctl_at sim' -a remove -d 'remove it for good'
complete -c collarctl -n '__collarctl_at sim' -a cut -d 'cut its power: its memory is lost, it starts anew'
complete -c collarctl -n '__collarctl_at sim' -a advance -d 'let time pass for it'
complete -c collarctl -n '__collarctl_at sim' -a press -d 'press the Reset button of a transfer collar'
complete -c collarctl -n '__collarctl_at sim' -a set -d 'change its world'
complete -c collarctl -n '__collarctl_at sim' -a serve -d 'serve it to other programs until ^C; prints its port'
complete -c collarctl -n '__collarctl_at' -a shell -d 'many commands over one connection, with history and completion'
complete -c collarctl -n '__collarctl_at' -a help -d 'the commands, or one of them in full'
complete -c collarctl -n '__collarctl_at' -a version -d 'this program, the protocol it speaks, its libraries'
complete -c collarctl -n '__collarctl_in help' -a 'list doctor info status lcd get data events clock provision set unprovision outcome relay test explain decode sim shell help version'

complete -c collarctl -n '__collarctl_in list' -l probe -d 'ask each port who is there; another device may mind'
complete -c collarctl -n '__collarctl_in list' -l watch -d 'go on as ports are plugged and unplugged, until ^C'
complete -c collarctl -n '__collarctl_in lcd' -l watch -d 'go on as the glass changes; ^C ends it'
complete -c collarctl -n '__collarctl_in data dump' -l since -r -d 'after this time; also a date, a duration ago, or install'
complete -c collarctl -n '__collarctl_in data dump' -l until -r -d 'up to and with this time; also a date or a duration ago'
complete -c collarctl -n '__collarctl_in data dump' -l time-format -r -a 'iso us' -d 'iso (default), or us: 12/4/2016 17:30'
complete -c collarctl -n '__collarctl_in data dump' -l whole-kwh -d 'registers in whole kWh, truncated'
complete -c collarctl -n '__collarctl_in events' -l since -r -d 'after this time; also a date or a duration ago'
complete -c collarctl -n '__collarctl_in events' -l until -r -d 'up to and with this time; also a date or a duration ago'
complete -c collarctl -n '__collarctl_in provision' -l new-serial -r -d 'serial number to give the unit'
complete -c collarctl -n '__collarctl_in provision' -l model -r -d 'its model number'
complete -c collarctl -n '__collarctl_in provision' -l premises-id -r -d 'key of the premises in the utility\'s system'
complete -c collarctl -n '__collarctl_in provision' -l address -r -d 'street address'
complete -c collarctl -n '__collarctl_in provision' -l city -r -d 'city'
complete -c collarctl -n '__collarctl_in provision' -l state -r -a 'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI' -d 'state, two letters'
complete -c collarctl -n '__collarctl_in provision' -l zip -r -d 'ZIP code, 5 digits or 5-4'
complete -c collarctl -n '__collarctl_in provision' -l location-notes -r -d 'how to find the unit'
complete -c collarctl -n '__collarctl_in provision' -l der-type -r -a 'solar storage ev generator wind other' -d 'solar, storage, ev, generator, wind or other'
complete -c collarctl -n '__collarctl_in provision' -l from -r -F -d 'take the fields from a JSON object; options come before it'
complete -c collarctl -n '__collarctl_in provision' -l wait -r -d 'how long to wait for the head-end (6m)'
complete -c collarctl -n '__collarctl_in provision' -l no-wait -d 'do not wait for the head-end'
complete -c collarctl -n '__collarctl_in set' -l check -d 'change nothing; exit status 1 if something would change'
complete -c collarctl -n '__collarctl_in relay open' -l at -r -d 'when: now (default), top-of-hour, or a time with zone'
complete -c collarctl -n '__collarctl_in relay open' -l hold -r -d 'go back by itself unless confirmed; at most 10m'
complete -c collarctl -n '__collarctl_in relay open' -l tag -r -d 'tag the unit out, too'
complete -c collarctl -n '__collarctl_in relay shut' -l at -r -d 'when: now (default), top-of-hour, or a time with zone'
complete -c collarctl -n '__collarctl_in relay shut' -l hold -r -d 'go back by itself unless confirmed; on open at most 10m'
complete -c collarctl -n '__collarctl_in test status' -l watch -d 'follow test mode to its end'
complete -c collarctl -n '__collarctl_in test start' -l minutes -r -d 'for so long; 1 to 10 (10)'
complete -c collarctl -n '__collarctl_in test start' -l relay -d 'exercise the relay and return it'
complete -c collarctl -n '__collarctl_in test start' -l watch -d 'follow it to its end; ^C stops it'
complete -c collarctl -n '__collarctl_in sim press' -l times -r -d 'press it N times, rapidly'
complete -c collarctl -n '__collarctl_in sim serve' -l count -r -d 'serve NAME1 to NAMEN instead of NAME'
complete -c collarctl -n '__collarctl_in sim serve' -l pty -d 'on a pseudo-terminal each'
complete -c collarctl -n '__collarctl_in sim serve' -l unix -r -F -d 'on a unix socket; PATH.NAME for several units'
complete -c collarctl -n '__collarctl_in sim serve' -l tcp -r -d 'on 127.0.0.1, from PORT on; 0: any free port'
complete -c collarctl -n '__collarctl_in sim serve' -l optical -d 'with --pty: as a port under an optical probe, half duplex'
complete -c collarctl -n '__collarctl_in sim serve' -l echo -d 'with --optical: the probe sends back what it is sent'
complete -c collarctl -n '__collarctl_in sim serve' -l damage-echo -d 'the same, with bytes of it changed, lost and added'
complete -c collarctl -n '__collarctl_in sim serve' -l refuse-baud -r -d 'with --optical: the unit has not that rate; N,N for several'
complete -c collarctl -n '__collarctl_in sim serve' -l garble-baud -r -d 'with --optical: the probe spoils bytes at that rate; N,N'
complete -c collarctl -n '__collarctl_in sim serve' -l usbip -r -d 'as USB devices; PORT alone: on 127.0.0.1; 0: any free port'
complete -c collarctl -n '__collarctl_in sim serve' -l baud -r -d 'no faster than such a line'
complete -c collarctl -n '__collarctl_in sim serve' -l noise -r -d 'damage a byte with probability R'
complete -c collarctl -n '__collarctl_in sim serve' -l cut-after -r -d 'cut the line for good after so many bytes, both ways together'
complete -c collarctl -n '__collarctl_in shell' -l keep-going -d 'go on after a command that failed'

complete -c collarctl -n '__collarctl_in get' -a 'serial hardware_id model meter_form firmware_version sample_minutes report_minutes premises_id address city state zip latitude longitude location_notes description der_type tags installer installed_at created_at updated_at comms.type comms.provider comms.imei comms.sim comms.ip status hex_status sealed relay.state relay.feedback relay.pending.action relay.pending.at relay.pending.requested_at relay.pending.by relay.hold.returns_to relay.hold.at relay.hold.remaining_s relay.hold.move relay.tag.text relay.tag.holder relay.tag.at lcd.text lcd.blank lcd.thumbs_up lcd.arrow lcd.skull lcd.pages measured.voltage_v measured.current_a measured.active_power_kw measured.reactive_power_kvar measured.power_factor measured.frequency_hz measured.temperature_f measured.energy_consumed_kwh measured.energy_produced_kwh test.active test.remaining_s test.ends_at test_registers.energy_consumed_kwh test_registers.energy_produced_kwh clock.utc clock.trusted uplink.registered uplink.last_report_at uplink.failures'
complete -c collarctl -n '__collarctl_in set' -a 'serial= model= sample_minutes= report_minutes= premises_id= address= city= state= zip= latitude= longitude= location_notes= description= der_type= tags= comms.type= comms.provider='
complete -c collarctl -n '__collarctl_in sim show' -a '(__collarctl_sims)'
complete -c collarctl -n '__collarctl_in sim remove' -a '(__collarctl_sims)'
complete -c collarctl -n '__collarctl_in sim cut' -a '(__collarctl_sims)'
complete -c collarctl -n '__collarctl_in sim advance' -a '(__collarctl_sims)'
complete -c collarctl -n '__collarctl_in sim press' -a '(__collarctl_sims)'
complete -c collarctl -n '__collarctl_in sim set' -a '(__collarctl_sims)'
complete -c collarctl -n '__collarctl_in sim serve' -a '(__collarctl_sims)'
