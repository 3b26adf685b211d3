/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The running programs that offer themselves to be inspected, as a list model that follows them as
 * they come and go. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define INSPECTOR_TYPE_OFFER (inspector_offer_get_type ())
G_DECLARE_FINAL_TYPE (InspectorOffer, inspector_offer, INSPECTOR, OFFER, GObject)

/* properties: pid, name, command (all constant) */

int          inspector_offer_get_pid     (InspectorOffer *self);
const char  *inspector_offer_get_name    (InspectorOffer *self);
const char  *inspector_offer_get_command (InspectorOffer *self);   /* as it was started, for people */
const char  *inspector_offer_get_socket  (InspectorOffer *self);

#define INSPECTOR_TYPE_OFFERS (inspector_offers_get_type ())
G_DECLARE_FINAL_TYPE (InspectorOffers, inspector_offers, INSPECTOR, OFFERS, GObject)

/* A GListModel of InspectorOffer, by process number. */
InspectorOffers *inspector_offers_new  (void);
/* The offer of a process, or NULL with an error that says what there is. */
InspectorOffer  *inspector_offers_find (InspectorOffers *self, int pid, GError **error);

G_END_DECLS
