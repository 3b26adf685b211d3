/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How gradients flowed in the last passes: a matrix per graph, with a row per node in the order in which they run and a
 * column per pass. Two passes are of one graph if their nodes have the same names in the same order. Training loops that
 * take turns (a generator, a discriminator) have a matrix each; the one that was written last is shown. */

#include "inspect/gten-inspect-private.h"

#include <math.h>
#include <string.h>

#define MAX_MATRICES 4
#define MAX_CELLS    (1u << 20)        /* of one matrix */

/* A root of the mean square below or above this is noted, if most of the last columns agree. */
#define VANISHING    (-7)              /* common logarithm: the resolution of float32 */
#define EXPLODING    4
#define N_JUDGED     16

enum { NOTHING, VANISHES, EXPLODES, NOT_FINITE };

typedef struct
{
  guint64     signature;
  guint       n_nodes, n_columns, next;   /* a ring of columns */
  guint64     written;
  const char **names, **sites;
  guint64    *passes;
  float      *logs;                       /* column by column */
} Matrix;

static GMutex  lock;
static Matrix *matrices[MAX_MATRICES];
static guint   limit;
static guint64 n_written;

static void
matrix_free (Matrix *self)
{
  g_free (self->names);
  g_free (self->sites);
  g_free (self->passes);
  g_free (self->logs);
  g_free (self);
}

void
gten_flow_set_limit (guint n_passes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  limit = n_passes;
  for (guint i = 0; i < MAX_MATRICES; i++)
    g_clear_pointer (&matrices[i], matrix_free);
}

static guint64
sign (GtenNode *const *nodes, guint n_nodes)
{
  guint64 signature = n_nodes;

  /* Names are interned or static. */
  for (guint i = 0; i < n_nodes; i++)
    signature = (signature ^ (guint64) GPOINTER_TO_SIZE (gten_node_get_name (nodes[i]))) * 0x9e3779b97f4a7c15u;
  return signature;
}

static Matrix *
matrix_new (guint64 signature, GtenNode *const *nodes, guint n_nodes)
{
  Matrix *self = g_new0 (Matrix, 1);

  self->signature = signature;
  self->n_nodes = n_nodes;
  self->n_columns = CLAMP (MAX_CELLS / n_nodes, 1, limit);
  self->names = g_new (const char *, n_nodes);
  self->sites = g_new (const char *, n_nodes);
  self->passes = g_new0 (guint64, self->n_columns);
  self->logs = g_new (float, (gsize) n_nodes * self->n_columns);
  for (guint i = 0; i < n_nodes; i++)
    {
      const char *site = gten_node_get_creation_site (nodes[i]);

      self->names[i] = g_intern_string (gten_node_get_name (nodes[i]));
      self->sites[i] = site != NULL ? g_intern_string (site) : "";
    }
  return self;
}

/* The matrix of a graph, in place of the one that was not written for longest if there is none yet. */
static Matrix *
find (GtenNode *const *nodes, guint n_nodes)
{
  guint64 signature = sign (nodes, n_nodes);
  guint oldest = 0;

  for (guint i = 0; i < MAX_MATRICES; i++)
    {
      if (matrices[i] != NULL && matrices[i]->signature == signature && matrices[i]->n_nodes == n_nodes)
        return matrices[i];
      if (matrices[oldest] != NULL && (matrices[i] == NULL || matrices[i]->written < matrices[oldest]->written))
        oldest = i;
    }
  g_clear_pointer (&matrices[oldest], matrix_free);
  matrices[oldest] = matrix_new (signature, nodes, n_nodes);
  return matrices[oldest];
}

void
gten_flow_add (guint64 pass, GtenNode *const *nodes, const float *logs, guint n_nodes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Matrix *self;
  guint column;

  if (limit == 0 || n_nodes == 0)
    return;
  self = find (nodes, n_nodes);
  column = self->next++ % self->n_columns;
  self->written = ++n_written;
  self->passes[column] = pass;
  memcpy (self->logs + (gsize) column * n_nodes, logs, n_nodes * sizeof *logs);
}

static guchar
judge (const Matrix *self, guint row)
{
  guint n = MIN (MIN (self->next, self->n_columns), N_JUDGED), n_low = 0, n_high = 0, n_infinite = 0, n_known = 0;

  for (guint i = 0; i < n; i++)
    {
      float log = self->logs[(gsize) ((self->next - 1 - i) % self->n_columns) * self->n_nodes + row];

      if (isnan (log))
        continue;
      n_known++;
      n_infinite += log == INFINITY;
      n_low += log < VANISHING;
      n_high += log > EXPLODING && log != INFINITY;
    }
  if (n_infinite > 0)
    return NOT_FINITE;
  return n_known == 0 ? NOTHING : 2 * n_low > n_known ? VANISHES : 2 * n_high > n_known ? EXPLODES : NOTHING;
}

GVariant *
gten_flow_get (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  const Matrix *self = NULL;
  GVariantBuilder rows, columns;
  g_autofree double *cells = NULL;
  guint first, n_columns, n_nodes;

  for (guint i = 0; i < MAX_MATRICES; i++)
    if (matrices[i] != NULL && (self == NULL || matrices[i]->written > self->written))
      self = matrices[i];
  n_columns = self != NULL ? MIN (self->next, self->n_columns) : 0;
  n_nodes = self != NULL ? self->n_nodes : 0;
  first = self != NULL ? self->next - n_columns : 0;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("a(ssy)"));
  g_variant_builder_init (&columns, G_VARIANT_TYPE ("at"));
  cells = g_new (double, (gsize) n_nodes * n_columns + 1);
  for (guint row = 0; row < n_nodes; row++)
    {
      g_variant_builder_add (&rows, "(ssy)", self->names[row], self->sites[row], judge (self, row));
      for (guint i = 0; i < n_columns; i++)
        cells[(gsize) row * n_columns + i] = self->logs[(gsize) ((first + i) % self->n_columns) * n_nodes + row];
    }
  for (guint i = 0; i < n_columns; i++)
    g_variant_builder_add (&columns, "t", self->passes[(first + i) % self->n_columns]);
  return g_variant_new ("(@a(ssy)@at@ad)", g_variant_builder_end (&rows), g_variant_builder_end (&columns),
                        g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, cells, (gsize) n_nodes * n_columns, sizeof (double)));
}
