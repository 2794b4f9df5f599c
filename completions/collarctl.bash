# SPDX-License-Identifier: BSD-2-Clause
# bash completion for collarctl; made by: collarctl completion bash
# shellcheck shell=bash disable=SC2207

_collarctl_commands='list doctor info status lcd get data events clock provision set unprovision outcome relay test explain decode sim shell help version'
_collarctl_fields='serial hardware_id model meter_form firmware_version sample_minutes report_minutes premises_id address city state zip latitude longitude location_notes description der_type tags installer installed_at created_at updated_at comms.type comms.provider comms.imei comms.sim comms.ip status hex_status sealed relay.state relay.feedback relay.pending.action relay.pending.at relay.pending.requested_at relay.pending.by relay.hold.returns_to relay.hold.at relay.hold.remaining_s relay.hold.move relay.tag.text relay.tag.holder relay.tag.at lcd.text lcd.blank lcd.thumbs_up lcd.arrow lcd.skull lcd.pages measured.voltage_v measured.current_a measured.active_power_kw measured.reactive_power_kvar measured.power_factor measured.frequency_hz measured.temperature_f measured.energy_consumed_kwh measured.energy_produced_kwh test.active test.remaining_s test.ends_at test_registers.energy_consumed_kwh test_registers.energy_produced_kwh clock.utc clock.trusted uplink.registered uplink.last_report_at uplink.failures'
_collarctl_settable='serial= model= sample_minutes= report_minutes= premises_id= address= city= state= zip= latitude= longitude= location_notes= description= der_type= tags= comms.type= comms.provider='
_collarctl_globals='--port= --serial= --unit= --key= --format= --json --output= --dry-run --yes --quiet --verbose --trace= --timeout= --color= --help --version'

_collarctl_verbs() {
    case $1 in
    data) echo 'info dump' ;;
    clock) echo 'show set' ;;
    relay) echo 'status open shut cancel confirm exercise tag untag' ;;
    test) echo 'status start stop' ;;
    decode) echo 'model hex-status cbor' ;;
    sim) echo 'list show remove cut advance press set serve' ;;
    esac
}

_collarctl_options() {
    case "$1 $2" in
    'list ') echo '--probe --watch' ;;
    'lcd ') echo '--watch' ;;
    'data dump') echo '--since= --until= --time-format= --whole-kwh' ;;
    'events ') echo '--since= --until=' ;;
    'provision ') echo '--new-serial= --model= --premises-id= --address= --city= --state= --zip= --location-notes= --der-type= --from= --wait= --no-wait' ;;
    'set ') echo '--check' ;;
    'relay open') echo '--at= --hold= --tag=' ;;
    'relay shut') echo '--at= --hold=' ;;
    'test status') echo '--watch' ;;
    'test start') echo '--minutes= --relay --watch' ;;
    'sim press') echo '--times=' ;;
    'sim serve') echo '--count= --pty --unix= --tcp= --optical --echo --damage-echo --refuse-baud= --garble-baud= --usbip= --baud= --noise= --cut-after=' ;;
    'shell ') echo '--keep-going' ;;
    esac
}

# What the value of an option is; nothing if it takes none.
_collarctl_value() {
    case $1 in
    --port | -p) echo 'port' ;;
    --serial | -s) echo 'text' ;;
    --unit) echo 'text' ;;
    --key | -k) echo 'file' ;;
    --format | -f) echo 'words text json csv ndjson' ;;
    --output | -o) echo 'file' ;;
    --trace) echo 'file' ;;
    --timeout) echo 'text' ;;
    --color) echo 'words auto always never' ;;
    --since) echo 'text' ;;
    --until) echo 'text' ;;
    --time-format) echo 'words iso us' ;;
    --new-serial) echo 'text' ;;
    --model) echo 'text' ;;
    --premises-id) echo 'text' ;;
    --address) echo 'text' ;;
    --city) echo 'text' ;;
    --state) echo 'words AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI' ;;
    --zip) echo 'text' ;;
    --location-notes) echo 'text' ;;
    --der-type) echo 'words solar storage ev generator wind other' ;;
    --from) echo 'file' ;;
    --wait) echo 'text' ;;
    --at) echo 'text' ;;
    --hold) echo 'text' ;;
    --tag) echo 'text' ;;
    --minutes) echo 'text' ;;
    --times) echo 'text' ;;
    --count) echo 'text' ;;
    --unix) echo 'file' ;;
    --tcp) echo 'text' ;;
    --refuse-baud) echo 'text' ;;
    --garble-baud) echo 'text' ;;
    --usbip) echo 'text' ;;
    --baud) echo 'text' ;;
    --noise) echo 'text' ;;
    --cut-after) echo 'text' ;;
    esac
}

_collarctl_argument() {
    case "$1 $2" in
    'help ') echo "words $_collarctl_commands" ;;
    'get ') echo 'field' ;;
    'set ') echo 'set' ;;
    'sim show') echo 'sim' ;;
    'sim remove') echo 'sim' ;;
    'sim cut') echo 'sim' ;;
    'sim advance') echo 'sim' ;;
    'sim press') echo 'sim' ;;
    'sim set') echo 'sim' ;;
    'sim serve') echo 'sim' ;;
    esac
}

# Candidates for a value or argument of that kind.
_collarctl_offer() {
    case $1 in
    words) compgen -W "$2" -- "$3" ;;
    field) compgen -W "$_collarctl_fields" -- "$3" ;;
    set) compgen -W "$_collarctl_settable" -- "$3" ;;
    port) compgen -W "sim sim: serial: optical: usb usb: unix: tcp:
        $("${COMP_WORDS[0]}" completion ports 2>/dev/null)" -- "$3" ;;
    sim) compgen -W "$("${COMP_WORDS[0]}" completion sims 2>/dev/null)" \
        -- "$3" ;;
    file) compgen -f -- "$3" ;;
    esac
}

# The line up to the cursor is split anew at blanks: in COMP_WORDS it is
# broken at : and = too.
_collarctl() {
    local command='' verb='' option='' ended='' part='' prefix='' kind words
    local -a line
    read -ra line <<<"${COMP_LINE:0:COMP_POINT}"
    if [[ ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]]; then
        part=${line[${#line[@]}-1]}
        unset "line[${#line[@]}-1]"
    fi
    local word
    for word in "${line[@]:1}"; do
        if [[ -n $option ]]; then
            option=''
        elif [[ -z $ended && $word == -- ]]; then
            ended=1
        elif [[ -z $ended && $word == -* ]]; then
            [[ $word != *=* && -n $(_collarctl_value "$word") ]] &&
                option=$word
        elif [[ -z $command ]]; then
            command=$word
        elif [[ -z $verb && " $(_collarctl_verbs "$command") " == \
            *" $word "* ]]; then
            verb=$word
        fi
    done

    if [[ -z $option && -z $ended && $part == --*=* ]]; then
        option=${part%%=*} prefix=${part%%=*}=
    fi
    if [[ -n $option ]]; then
        read -r kind words <<<"$(_collarctl_value "$option")"
    elif [[ -z $ended && $part == -* ]]; then
        kind=words
        words="$(_collarctl_options "$command" "$verb") $_collarctl_globals"
    elif [[ -z $command ]]; then
        kind=words words=$_collarctl_commands
    elif [[ -z $verb && -n $(_collarctl_verbs "$command") ]]; then
        kind=words words=$(_collarctl_verbs "$command")
    else
        read -r kind words <<<"$(_collarctl_argument "$command" "$verb")"
    fi

    local IFS=$'\n'
    COMPREPLY=($(IFS=$' \t\n' _collarctl_offer "$kind" "$words" \
        "${part#"$prefix"}"))
    COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
    if [[ $kind == file ]]; then
        compopt -o filenames 2>/dev/null
    elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    # What stands before the last : or = is no part of readline's word.
    prefix=${part%"${part##*["$COMP_WORDBREAKS"]}"}
    COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
    [[ ${#COMPREPLY[@]} -eq 1 && -z ${COMPREPLY[0]} ]] && COMPREPLY=()
    return 0
}

complete -F _collarctl collarctl
