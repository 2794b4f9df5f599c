/* SPDX-License-Identifier: BSD-2-Clause */

#include "usb_descriptors.h"

#include "../../proto/usb.h"

/* 16 bits, least significant byte first (USB 2.0 section 8.1). */
#define LE(number) (uint8_t)((number)&0xff), (uint8_t)((number) >> 8)

/* Fields are named as in PROTOCOL.md and in the standards given there. */
static const uint8_t device[] = {
	18,                 /* bLength */
	USB_TYPE_DEVICE,    /* bDescriptorType */
	LE(0x0210),         /* bcdUSB: the least that has a BOS */
	0,                  /* bDeviceClass: the interface tells */
	0,                  /* bDeviceSubClass */
	0,                  /* bDeviceProtocol */
	USB_PACKET_LEN,     /* bMaxPacketSize0 */
	LE(USB_VID),        /* idVendor */
	LE(USB_PID),        /* idProduct */
	LE(0x0100),         /* bcdDevice */
	USB_STRING_MAKER,   /* iManufacturer */
	USB_STRING_PRODUCT, /* iProduct */
	USB_STRING_SERIAL,  /* iSerialNumber */
	1,                  /* bNumConfigurations */
};

static const uint8_t configuration[] = {
	9,                      /* bLength */
	USB_TYPE_CONFIGURATION, /* bDescriptorType */
	LE(32),                 /* wTotalLength */
	1,                      /* bNumInterfaces */
	USB_CONFIGURATION,      /* bConfigurationValue */
	0,                      /* iConfiguration */
	0xc0,                   /* bmAttributes: self-powered */
	0,                      /* bMaxPower */

	9,                      /* bLength */
	USB_TYPE_INTERFACE,     /* bDescriptorType */
	USB_INTERFACE,          /* bInterfaceNumber */
	0,                      /* bAlternateSetting */
	2,                      /* bNumEndpoints */
	USB_INTERFACE_CLASS,    /* bInterfaceClass */
	USB_INTERFACE_SUBCLASS, /* bInterfaceSubClass */
	USB_INTERFACE_PROTOCOL, /* bInterfaceProtocol */
	0,                      /* iInterface */

	7,                  /* bLength */
	USB_TYPE_ENDPOINT,  /* bDescriptorType */
	USB_ENDPOINT_IN,    /* bEndpointAddress */
	2,                  /* bmAttributes: bulk */
	LE(USB_PACKET_LEN), /* wMaxPacketSize */
	0,                  /* bInterval */

	7,                  /* bLength */
	USB_TYPE_ENDPOINT,  /* bDescriptorType */
	USB_ENDPOINT_OUT,   /* bEndpointAddress */
	2,                  /* bmAttributes: bulk */
	LE(USB_PACKET_LEN), /* wMaxPacketSize */
	0,                  /* bInterval */
};

/* The oldest Windows that reads the set below, 8.1. */
#define WINDOWS 0x00, 0x00, 0x03, 0x06

/* {D8DD60DF-4589-4CC7-9CD2-659D9E648A9F} */
#define MS_OS_PLATFORM \
	0xdf, 0x60, 0xdd, 0xd8, 0x89, 0x45, 0xc7, 0x4c, 0x9c, 0xd2, 0x65, \
	    0x9d, 0x9e, 0x64, 0x8a, 0x9f

static const uint8_t bos[] = {
	5,            /* bLength */
	USB_TYPE_BOS, /* bDescriptorType */
	LE(33),       /* wTotalLength */
	1,            /* bNumDeviceCaps */

	28,                /* bLength */
	16,                /* bDescriptorType: device capability */
	5,                 /* bDevCapabilityType: platform */
	0,                 /* bReserved */
	MS_OS_PLATFORM,    /* PlatformCapabilityUUID */
	WINDOWS,           /* dwWindowsVersion */
	LE(USB_MS_OS_LEN), /* wMSOSDescriptorSetTotalLength */
	USB_MS_OS_REQUEST, /* bMS_VendorCode */
	0,                 /* bAltEnumCode */
};

static const uint8_t languages[] = { 4, USB_TYPE_STRING, LE(USB_LANGUAGE) };

/* A character in UTF-16, and four. */
#define U(c) (c), 0
#define U4(a, b, c, d) U(a), U(b), U(c), U(d)

/* DeviceInterfaceGUIDs */
#define GUIDS_NAME \
	U4('D', 'e', 'v', 'i'), U4('c', 'e', 'I', 'n'), \
	    U4('t', 'e', 'r', 'f'), U4('a', 'c', 'e', 'G'), \
	    U4('U', 'I', 'D', 's')

/* {09015559-20AB-440A-8343-2C141E7FAB77} */
#define GUID \
	U('{'), U4('0', '9', '0', '1'), U4('5', '5', '5', '9'), U('-'), \
	    U4('2', '0', 'A', 'B'), U('-'), U4('4', '4', '0', 'A'), U('-'), \
	    U4('8', '3', '4', '3'), U('-'), U4('2', 'C', '1', '4'), \
	    U4('1', 'E', '7', 'F'), U4('A', 'B', '7', '7'), U('}')

static const uint8_t ms_os[] = {
	LE(10),            /* wLength */
	LE(0),             /* wDescriptorType: set header */
	WINDOWS,           /* dwWindowsVersion */
	LE(USB_MS_OS_LEN), /* wTotalLength */

	LE(20),                             /* wLength */
	LE(3),                              /* wDescriptorType: compatible id */
	'W', 'I', 'N', 'U', 'S', 'B', 0, 0, /* CompatibleID */
	0, 0, 0, 0, 0, 0, 0, 0,             /* SubCompatibleID */

	LE(132),          /* wLength */
	LE(4),            /* wDescriptorType: registry property */
	LE(7),            /* wPropertyDataType: REG_MULTI_SZ */
	LE(42),           /* wPropertyNameLength */
	GUIDS_NAME, U(0), /* PropertyName */
	LE(80),           /* wPropertyDataLength */
	GUID, U(0), U(0), /* PropertyData */
};

_Static_assert(sizeof(ms_os) == USB_MS_OS_LEN, "the length that bos tells");

const struct usb_descriptor usb_descriptors[] = {
	{ "device", USB_TYPE_DEVICE, sizeof(device), device },
	{ "configuration", USB_TYPE_CONFIGURATION, sizeof(configuration),
	    configuration },
	{ "languages", USB_TYPE_STRING, sizeof(languages), languages },
	{ "BOS", USB_TYPE_BOS, sizeof(bos), bos },
	{ "MS OS 2.0 set", USB_TYPE_MS_OS, sizeof(ms_os), ms_os },
	{ NULL, 0, 0, NULL },
};

const char *const usb_strings[] = {
	[USB_STRING_LANGUAGES] = NULL,
	[USB_STRING_MAKER] = USB_MAKER,
	[USB_STRING_PRODUCT] = "meter collar",
	[USB_STRING_SERIAL] = NULL,
};
