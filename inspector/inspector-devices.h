/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The page of devices: their memory, how it came and went by operation, and what nodes have saved. */
#pragma once

#include <gtk/gtk.h>

#include "inspector-program.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_DEVICES (inspector_devices_get_type ())
G_DECLARE_FINAL_TYPE (InspectorDevices, inspector_devices, INSPECTOR, DEVICES, GtkWidget)

/* signals: "node-chosen" (guint node) */

void inspector_devices_set_program (InspectorDevices *self, InspectorProgram *program);

G_END_DECLS
