/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "gten-gtk-export.h"
#include "inspector-offers.h"

G_BEGIN_DECLS

typedef struct
{
  char              **command;
  InspectorOffer     *offer;         /* to attach to, instead of a command; or NULL */
  char              **exports;       /* files; NULL for none */
  int                 n_steps;       /* before the export; -1 for the whole pass */
  guint               patience;      /* seconds in which the program must offer itself; 0: as long as it takes */
  GtenGtkExportFlags  flags;
  gboolean            terminal;      /* it was asked for */
} InspectorTerminalOptions;

/* Steps a program in the terminal, or by itself where there is nobody to answer; returns an exit
 * status. */
int inspector_terminal_run    (const InspectorTerminalOptions *options);
/* Runs a program for some steps and writes pictures; returns an exit status. */
int inspector_terminal_export (const InspectorTerminalOptions *options);

G_END_DECLS
