/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service in three parts: the server (a thread with a socket), the control (what the
 * threads that run passes and the server share: who is stopped, where to stop) and the pictures
 * (graphs and tensors as variants and memfds). */
#pragma once

#include "autograd/gten-backward.h"
#include "autograd/gten-node.h"
#include "core/gten-tensor.h"
#include "inspect/gten-inspect.h"

G_BEGIN_DECLS

/* -- server ------------------------------------------------------------------------------------- */

/* From any thread: has the server's thread emit a signal of the interface. Takes a floating
 * `arguments`. */
void      gten_inspect_emit             (const char *signal, GVariant *arguments);
/* Starts the service when the environment asks for it; does not wait until it listens. */
void      gten_inspect_init             (void);

/* -- control ------------------------------------------------------------------------------------
 * All but the observer are called in the server's thread. */

/* Has the first pass wait for an inspector. */
void      gten_inspect_control_wait     (void);
void      gten_inspect_control_attach   (gsize keep_bytes, gboolean statistics);
void      gten_inspect_control_detach   (void);
/* The program ends. */
void      gten_inspect_control_leave    (void);
guint     gten_inspect_control_add      (GVariant *where, GError **error);
gboolean  gten_inspect_control_remove   (guint breakpoint, GError **error);
gboolean  gten_inspect_control_resume   (guint64 pass, const char *how, guint64 node,
                                         GError **error);
void      gten_inspect_control_pause    (void);
GVariant *gten_inspect_control_passes   (void);
/* The pass, if it is stopped: it stays so until the server's thread resumes it. Borrowed. */
GtenBackward *gten_inspect_control_find (guint64 pass, GError **error);

/* -- pictures -----------------------------------------------------------------------------------*/

GVariant *gten_inspect_graph            (GtenBackward *pass);
GVariant *gten_inspect_node             (GtenBackward *pass, guint64 node, GError **error);
GVariant *gten_inspect_tensor           (GtenBackward *pass, guint64 node, const char *which, guint64 max_bytes,
                                         GBytes **elements, GError **error);
GVariant *gten_inspect_statistics       (GtenTensor *tensor);   /* NULL: not measured */
GVariant *gten_inspect_devices          (void);
/* A sealed memfd, or -1. */
int       gten_inspect_memfd            (const char *name, gconstpointer data, gsize n_bytes,
                                         GError **error);

G_END_DECLS
