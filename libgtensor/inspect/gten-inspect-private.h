/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug service. The server is a thread with a socket and the methods that it answers; the
 * control is what the threads that run passes and the server share: who is stopped, where to stop.
 * Beside it what is remembered: of a pass its journal, of many the flow, of all operations who made
 * what is not finite and where memory went. Pictures are graphs and tensors as variants. */
#pragma once

#include "autograd/gten-backward.h"
#include "autograd/gten-node.h"
#include "core/gten-tensor.h"
#include "inspect/gten-condition.h"
#include "inspect/gten-inspect.h"

G_BEGIN_DECLS

/* -- server ------------------------------------------------------------------------------------- */

/* From any thread: has the server's thread emit a signal of the interface. Takes a floating
 * `arguments`. */
void      gten_inspect_emit             (const char *signal, GVariant *arguments);
/* From any thread: has the server's thread call `function` between two methods. */
void      gten_inspect_queue            (GSourceFunc function, gpointer user_data, GDestroyNotify destroy);
/* Starts the service when the environment asks for it; does not wait until it listens. */
void      gten_inspect_init             (void);
/* The object with all methods. */
GDBusInterfaceSkeleton *gten_inspect_service_new (void);
void      gten_inspect_watch_devices    (void);
/* Whether elements may be set. */
gboolean  gten_inspect_is_writable      (void);

/* -- measures -----------------------------------------------------------------------------------
 * Laid out as a variant of GTEN_INSPECT_STATISTICS is. */

typedef struct
{
  guint64 numel, n_nan, n_infinite;
  double  minimum, maximum, mean, norm;   /* NaN for what was not measured */
} GtenMeasures;

#define GTEN_MEASURES_NONE ((GtenMeasures) { 0 })

/* The norm and what is not finite, in one pass over the elements; all of it if `extremes`. NULL has
 * none. */
GtenMeasures gten_measure               (GtenTensor *tensor, gboolean extremes);
GVariant    *gten_measures_to_variant   (const GtenMeasures *self);

static inline gboolean
gten_measures_are_finite (const GtenMeasures *self)
{
  return self->n_nan + self->n_infinite == 0;
}

/* Operations of the service itself are nobody's: while the count is above zero, this thread's are
 * not watched. */
extern __thread int gten_inspect_own;

/* -- journal ------------------------------------------------------------------------------------
 * What happened in one pass, in order. The tensors that arrived are kept within a budget, so that
 * what a node had at any step can be added up again, in the same order and so to the same bits. Not
 * locked: the thread that runs the pass and, while that is stopped, the server's. */

typedef struct _GtenJournal GtenJournal;

GtenJournal *gten_journal_new           (gsize budget);
void         gten_journal_free          (GtenJournal *self);
void         gten_journal_arrive        (GtenJournal *self, GtenNode *from, GtenNode *to, guint output_nr,
                                         GtenTensor *grad, const GtenMeasures *measures);
/* `node` is about to run: all that it waits for is there. */
void         gten_journal_begin         (GtenJournal *self, GtenBackward *pass, GtenNode *node);
void         gten_journal_end           (GtenJournal *self, GtenNode *node, const GtenMeasures *measures);
/* The tensor that `word` names, as it was when `step` nodes had run. A new reference. */
GtenTensor  *gten_journal_find          (GtenJournal *self, GtenBackward *pass, GtenNode *node, const char *word,
                                         guint step, GError **error);
GVariant    *gten_journal_steps         (GtenJournal *self);
GVariant    *gten_journal_states        (GtenJournal *self, GtenBackward *pass, guint step, GError **error);
GVariant    *gten_journal_contributions (GtenJournal *self, GtenBackward *pass, GtenNode *node);
void         gten_journal_describe      (GtenJournal *self, GVariantBuilder *description);

/* -- control ------------------------------------------------------------------------------------
 * All but the observer are called in the server's thread. */

typedef struct
{
  gsize     keep_bytes, journal_bytes;
  guint     flow;                       /* passes */
  gboolean  statistics, forward;
} GtenInspectOptions;

/* Has the first pass wait for an inspector. */
void      gten_inspect_control_wait     (void);
void      gten_inspect_control_attach   (const GtenInspectOptions *options);
void      gten_inspect_control_detach   (void);
/* There is no service: nobody will come, and nothing waits. */
void      gten_inspect_control_give_up  (void);
/* Around a fork. The child has no server, and nobody watches its passes. */
void      gten_inspect_control_fork     (void);
void      gten_inspect_control_forked   (gboolean child);
/* The program ends. */
void      gten_inspect_control_leave    (void);
guint     gten_inspect_control_add      (GVariant *where, GError **error);
gboolean  gten_inspect_control_remove   (guint breakpoint, GError **error);
GVariant *gten_inspect_control_breakpoints (void);
gboolean  gten_inspect_control_resume   (guint64 pass, const char *how, guint64 node,
                                         GError **error);
void      gten_inspect_control_pause    (void);
GVariant *gten_inspect_control_passes   (void);
GVariant *gten_inspect_control_describe (guint64 pass, GError **error);
/* The pass, if it is stopped: it stays so until the server's thread resumes it. Borrowed, as is its
 * journal (NULL if none is kept). */
GtenBackward *gten_inspect_control_find (guint64 pass, GtenJournal **journal, GError **error);
/* Whether this thread runs a pass. */
gboolean  gten_inspect_in_pass          (void);

/* -- breakpoints: with the control's lock held --------------------------------------------------- */

typedef struct
{
  guint          id;
  gboolean       pass, end, nonfinite;
  guint64        node;
  GPatternSpec  *name;
  GtenCondition *condition;
  guint          from_hit;              /* hits before this one go by */
  guint          n_hits;
  GVariant      *where;
} GtenBreakpoint;

GtenBreakpoint *gten_breakpoint_new     (GVariant *where, GError **error);
void            gten_breakpoint_free    (gpointer self);
/* A node that is about to run with a gradient of these measures; counts hits. */
gboolean        gten_breakpoint_hit     (GtenBreakpoint *self, GtenNode *node, const GtenMeasures *measures);

/* -- flow ---------------------------------------------------------------------------------------- */

void      gten_flow_set_limit           (guint n_passes);    /* 0: none, and what there was is gone */
/* One column, which is `n_nodes` long; names and sites are interned. */
void      gten_flow_add                 (guint64 pass, GtenNode *const *nodes, const float *logs, guint n_nodes);
GVariant *gten_flow_get                 (void);

/* -- who made what is not finite, and where memory went ------------------------------------------- */

void      gten_forward_watch            (gboolean watch);
void      gten_nonfinite_allow          (const char *const *ops);
void      gten_nonfinite_clear          (void);
/* The node turned finite gradients into one that is not. */
void      gten_nonfinite_node           (guint64 pass, GtenNode *node, const GtenMeasures *given, const GtenMeasures *made);
/* A pass begins here: what is not finite in it has reached a loss. */
void      gten_nonfinite_root           (GtenTensor *root);
GVariant *gten_nonfinite_get            (void);
void      gten_timeline_add             (GtenDevice *device, const char *op, gint64 before, gint64 after, guint64 node);
void      gten_timeline_clear           (void);
GVariant *gten_timeline_get             (guint64 since);

/* -- leaves: who wrote their gradients ------------------------------------------------------------ */

void      gten_writers_note             (GtenTensor *variable, guint64 pass, guint step, guint64 from);
void      gten_writers_describe         (GtenTensor *variable, GVariantBuilder *description);
void      gten_releases_note            (GtenNode *node, guint64 pass);
guint64   gten_releases_find            (GtenNode *node);    /* 0: not known */
void      gten_writers_clear            (void);

/* -- pictures -----------------------------------------------------------------------------------*/

GtenNode   *gten_inspect_find_node      (GtenBackward *pass, guint64 node, GError **error);
/* What a word such as "gradient:0@3" names; a new reference. */
GtenTensor *gten_inspect_find_tensor    (GtenBackward *pass, GtenJournal *journal, guint64 node, const char *which,
                                         GError **error);
GVariant *gten_inspect_graph            (GtenBackward *pass);
GVariant *gten_inspect_node             (GtenBackward *pass, guint64 node, GError **error);
GVariant *gten_inspect_saved_bytes      (GtenBackward *pass);
GVariant *gten_inspect_tensor           (GtenTensor *tensor, guint64 max_bytes, GBytes **elements, GError **error);
GVariant *gten_inspect_picture          (GtenTensor *tensor, guint width, guint height, GVariant *options, GBytes **pixels,
                                         GError **error);
GVariant *gten_inspect_histogram        (GtenTensor *tensor, guint bins, double low, double high, GError **error);
GVariant *gten_inspect_compare          (GtenTensor *a, GtenTensor *b, guint worst, GError **error);
gboolean  gten_inspect_set_element      (GtenBackward *pass, guint64 node, const char *which, GVariant *index, double value,
                                         GError **error);
GVariant *gten_inspect_devices          (void);

G_END_DECLS
