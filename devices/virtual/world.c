/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <math.h>

enum channel {
	CHANNEL_SITE,
	CHANNEL_DAY,
	CHANNEL_FRONT,
	CHANNEL_CLOUD,
	CHANNEL_GRID,
	CHANNEL_FREQUENCY,
	CHANNEL_WEATHER,
	CHANNEL_STANDBY,
	CHANNEL_FLICKER,
	CHANNEL_VARS,
};

enum { SITE_PEAK, SITE_VOLTAGE }; /* what differs from site to site */

static const double pi = 3.14159265358979323846;
static const double latitude_rad = 40 * 3.14159265358979323846 / 180;
static const double longitude_deg = -77;
static const double day_s = 86400;
static const double year_s = 365.2425 * 86400;

uint64_t
world_hash(uint64_t seed, uint32_t channel, uint64_t index)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15 + index * 0xd1b54a32d192ed03 +
	    channel * 0x8cb92ba72f3d8dd7;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93;

	return x ^ x >> 32;
}

/* 0 to 1. */
static double
portion(uint64_t seed, uint32_t channel, uint64_t index)
{
	return (double)(world_hash(seed, channel, index) >> 11) * 0x1p-53;
}

/* Smooth, -1 to 1, with a new value every period. */
static double
noise(uint64_t seed, uint32_t channel, double utc_s, double period_s)
{
	double place = utc_s / period_s, whole = floor(place);
	double part = place - whole;
	/* periods of one channel must not share their values */
	uint64_t index = (uint64_t)whole + ((uint64_t)period_s << 40);
	double from = portion(seed, channel, index);
	double to = portion(seed, channel, index + 1);

	return 2 * (from + (to - from) * part * part * (3 - 2 * part)) - 1;
}

static double
held(double value, double min, double max)
{
	return value < min ? min : value > max ? max : value;
}

/* Angle of the time of day, 0 at solar noon. */
static double
hour_angle(double utc_s)
{
	return 2 * pi * (utc_s / day_s - 0.5 + longitude_deg / 360);
}

/* Angle of the season, 0 at the spring equinox. */
static double
season_angle(double utc_s)
{
	return 2 * pi * (utc_s - 79 * day_s) / year_s;
}

static double
sun_height(double utc_s)
{
	double declination = asin(0.3978 * sin(season_angle(utc_s)));

	return sin(latitude_rad) * sin(declination) +
	    cos(latitude_rad) * cos(declination) * cos(hour_angle(utc_s));
}

/* What the clouds let through: days differ, fronts pass, clouds drift. */
static double
clearness(uint64_t seed, double utc_s)
{
	double cover = 0.35 + 0.55 * noise(seed, CHANNEL_DAY, utc_s, day_s) +
	    0.25 * noise(seed, CHANNEL_FRONT, utc_s, 3 * 3600);
	double drift = 0.6 * noise(seed, CHANNEL_CLOUD, utc_s, 900) +
	    0.4 * noise(seed, CHANNEL_CLOUD, utc_s, 150);

	cover = held(cover, 0, 1);

	return held(1 - cover * (0.6 + 0.35 * drift), 0.05, 1);
}

/* At night the inverter takes a few watts and its filter gives a few vars. */
static void
sun_shine(struct world *world, uint64_t seed, double utc_s)
{
	double peak_w = 3000 + 4500 * portion(seed, CHANNEL_SITE, SITE_PEAK);
	double height = sun_height(utc_s), sun_w = 0;

	if (height > 0)
		sun_w = peak_w * pow(height, 1.2) * clearness(seed, utc_s);
	world->der_w =
	    sun_w > 20 ? sun_w : -3 - noise(seed, CHANNEL_STANDBY, utc_s, 1800);
	world->der_var = 14 + 3 * noise(seed, CHANNEL_VARS, utc_s, 3600) +
	    (sun_w > 20 ? 0.04 * sun_w : 0);
}

/* Every 20 s the power goes for one to five of them. */
static bool
flicker(uint64_t seed, double utc_s)
{
	uint64_t slot = (uint64_t)(utc_s / 20);
	double out_s = 1 + 4 * portion(seed, CHANNEL_FLICKER, slot);

	return utc_s - (double)slot * 20 >= out_s;
}

static void
grid_feed(struct world *world, const struct settings *settings,
    unsigned service_v, double utc_s)
{
	uint64_t seed = (uint64_t)settings->at[SETTING_SEED];
	int64_t utility = settings->at[SETTING_UTILITY];
	double site = portion(seed, CHANNEL_SITE, SITE_VOLTAGE);
	/* everybody cooks at a quarter past six in the evening */
	double evening = held(cos(hour_angle(utc_s) - 1.65), 0, 1);

	world->utility = utility == UTILITY_FLICKER ? flicker(seed, utc_s)
						    : utility != UTILITY_OFF;
	world->grid_v = 0;
	world->frequency_hz = 0;
	if (!world->utility)
		return;
	world->grid_v = 241 + 3 * site - 2 * evening * evening +
	    1.2 * noise(seed, CHANNEL_GRID, utc_s, 3600) +
	    0.7 * noise(seed, CHANNEL_GRID, utc_s, 600) +
	    0.3 * noise(seed, CHANNEL_GRID, utc_s, 60);
	world->grid_v *= (double)service_v / SERVICE_2S_V;
	if (utility == UTILITY_ONE_LEG)
		world->grid_v /= 2;
	world->frequency_hz = 60 +
	    0.02 * noise(seed, CHANNEL_FREQUENCY, utc_s, 600) +
	    0.01 * noise(seed, CHANNEL_FREQUENCY, utc_s, 30);
}

static double
weather(uint64_t seed, double utc_s)
{
	/* the warmest weeks and hours trail the sun's highest */
	return 54 + 22 * sin(season_angle(utc_s) - 0.5) +
	    9 * cos(hour_angle(utc_s) - 0.7) +
	    9 * noise(seed, CHANNEL_WEATHER, utc_s, 3 * day_s) +
	    2 * noise(seed, CHANNEL_WEATHER, utc_s, 2 * 3600);
}

void
world_at(struct world *world, const struct settings *settings,
    unsigned service_v, uint64_t utc_ms)
{
	uint64_t seed = (uint64_t)settings->at[SETTING_SEED];
	double utc_s = (double)utc_ms / 1000;

	grid_feed(world, settings, service_v, utc_s);
	sun_shine(world, seed, utc_s);
	if (settings->at[SETTING_POWER] != POWER_AUTO) {
		world->der_w = (double)settings->at[SETTING_POWER];
		world->der_var = 0.04 * fabs(world->der_w);
	}
	world->temperature_f = weather(seed, utc_s);
}
