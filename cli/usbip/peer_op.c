/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer_private.h"

#include "../../proto/errors.h"

#include <string.h>

static size_t
list_len(const struct usbip_bus *bus)
{
	return USBIP_LIST_LEN +
	    bus->count * (USBIP_DEVICE_LEN + USBIP_INTERFACE_LEN);
}

static int
on_devlist(struct usbip_peer *peer)
{
	struct usbip_list list = { USBIP_VERSION, USBIP_REP_DEVLIST, 0, 0 };
	const struct usbip_bus *bus = peer->bus;
	struct usbip_reply *made = usbip_reply_new(list_len(bus));
	uint8_t *at;

	if (made == NULL)
		return usbip_no_memory(peer);
	at = made->bytes + USBIP_LIST_LEN;
	for (size_t i = 0; i < bus->count; i++) {
		const struct usbip_export *export = &bus->exports[i];

		if (export->gone)
			continue;
		at += usbip_encode(&usbip_device, &export->told, at);
		at += usbip_encode(&usbip_interface, &export->interface, at);
		list.count++;
	}
	usbip_encode(&usbip_list, &list, made->bytes);
	usbip_reply_queue(&peer->replies, made, (size_t)(at - made->bytes));
	peer->stage = USBIP_AT_END;

	return E_OK;
}

int
usbip_on_op(struct usbip_peer *peer)
{
	const char *fault;
	struct usbip_op op;

	usbip_decode(&usbip_op, &op, peer->head);
	fault = usbip_op_fault(&op);
	if (fault != NULL)
		return usbip_malformed(peer, "OP request: %s", fault);
	if (op.code == USBIP_REQ_DEVLIST)
		return on_devlist(peer);
	peer->stage = USBIP_AT_BUSID;

	return E_OK;
}

static struct usbip_export *
export_find(const struct usbip_bus *bus, const char *busid)
{
	for (size_t i = 0; i < bus->count; i++)
		if (strcmp(bus->exports[i].told.busid, busid) == 0 &&
		    !bus->exports[i].gone)
			return &bus->exports[i];

	return NULL;
}

int
usbip_on_import(struct usbip_peer *peer)
{
	const char *busid = (const char *)peer->head;
	struct usbip_op op = { USBIP_VERSION, USBIP_REP_IMPORT, USBIP_OK };
	struct usbip_reply *made;
	struct usbip_export *export;
	size_t len;

	if (memchr(busid, '\0', USBIP_BUSID_LEN) == NULL)
		return usbip_malformed(
		    peer, "OP_REQ_IMPORT: no zero closes its busid");
	made = usbip_reply_new(USBIP_OP_LEN + USBIP_DEVICE_LEN);
	if (made == NULL)
		return usbip_no_memory(peer);
	export = export_find(peer->bus, busid);
	if (export == NULL)
		op.status = USBIP_NO_DEVICE;
	else if (export->importer != NULL)
		op.status = USBIP_BUSY;
	len = usbip_encode(&usbip_op, &op, made->bytes);
	peer->stage = USBIP_AT_END;
	if (op.status == USBIP_OK) {
		usbip_plug(export, peer);
		peer->imported = export;
		peer->stage = USBIP_AT_COMMAND;
		len += usbip_encode(
		    &usbip_device, &export->told, made->bytes + len);
	}
	usbip_reply_queue(&peer->replies, made, len);

	return E_OK;
}
