/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How backward passes are watched, by the debug service. Every function runs in the thread that runs the pass, and may
 * block it. Passes nest (a backward function may run another pass) and run in several threads at once. */
#pragma once

#include "autograd/gten-backward.h"

G_BEGIN_DECLS

typedef struct
{
  void (*begin)        (GtenBackward *pass);                  /* the graph is known, nothing has run */
  void (*before_node)  (GtenBackward *pass, GtenNode *node);
  void (*contribution) (GtenBackward *pass, GtenNode *from, GtenNode *to, guint output_nr, GtenTensor *grad);
  void (*after_node)   (GtenBackward *pass, GtenNode *node);
  void (*end)          (GtenBackward *pass);                  /* finished, failed or abandoned */
} GtenObserver;

/* NULL when nobody watches; one relaxed load per node is all that a pass pays then. */
extern const GtenObserver *gten_observer;

/* Atomic; the observer must stay valid for ever. Of passes that it saw begin it is told the end in any case. */
void        gten_observer_set      (const GtenObserver *observer);
/* The tensor that the pass began at, if it is this output and the pass was watched from its making. Borrowed. */
GtenTensor *gten_backward_get_root (GtenBackward *pass, GtenNode *node, guint output_nr);
/* In a pass that is stopped: another gradient of the same geometry in place of one that is there and waits for its node. */
gboolean    gten_backward_replace_gradient (GtenBackward *pass, GtenNode *node, guint output_nr, GtenTensor *grad,
                                            GError **error);

G_END_DECLS
