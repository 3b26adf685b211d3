/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/gten-cuda.h"
#include "device/gten-stream-private.h"

G_BEGIN_DECLS

gboolean     gten_cuda_allows_tf32    (void);

/* Memory of the host that a device copies from and to beside other work. Only where a CUDA device is there. */
GtenTensor  *gten_tensor_new_pinned   (GtenDtype dtype, guint n_dims, const gint64 *sizes, GError **error);
gboolean     gten_storage_is_pinned   (GtenStorage *self);
/* Memory that is given back is not used again before what this thread's stream of `device` has got is done. */
void         gten_storage_pinned_used (GtenStorage *self, GtenDevice *device);

/* The graph that this thread captures, or NULL. What it allocates meanwhile belongs to the graph; memory from before that it
 * gives back waits for the end of the capture. */
extern __thread GtenCudaGraph *gten_capture __attribute__ ((tls_model ("initial-exec")));

void         gten_capture_note_allocation (GtenCudaGraph *self, GtenDevice *device, void *data);
gboolean     gten_capture_defer_free      (GtenCudaGraph *self, GtenStorage *storage);
/* What copies between a storage of the host and `device` are captured with stays as long as the graph; FALSE if they
 * are not captured. */
gboolean     gten_capture_keep            (GtenCudaGraph *self, GtenDevice *device, GtenStorage *storage);

/* Whether what this thread does on a device is captured. */
gboolean     gten_capture_takes           (GtenCudaGraph *self, GtenDevice *device);

/* What captured operations draw from in a generator's stead; NULL and an error if it was not registered. */
GtenKGenerator *gten_capture_draw         (GtenCudaGraph *self, GtenGenerator *generator, GError **error);

G_END_DECLS
