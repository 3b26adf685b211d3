/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"

G_BEGIN_DECLS

GTEN_API gboolean    gten_cuda_is_available           (void);
GTEN_API gboolean    gten_cuda_is_emulated            (void);
GTEN_API int         gten_cuda_device_count           (void);
GTEN_API int         gten_cuda_current_device         (void);
GTEN_API gboolean    gten_cuda_set_device             (int index, GError **error);

/* Whether float32 matrix products may round their factors to TensorFloat-32. */
GTEN_API const char *gten_get_float32_matmul_precision (void);
GTEN_API gboolean    gten_set_float32_matmul_precision (const char *precision, GError **error);

/* Pinned memory of the host, between which and a device copies run beside other work. */
GTEN_API GtenTensor *gten_tensor_pin_memory           (GtenTensor *self, GError **error);
GTEN_API gboolean    gten_tensor_is_pinned            (GtenTensor *self);

#define GTEN_TYPE_CUDA_GRAPH (gten_cuda_graph_get_type ())
GTEN_API G_DECLARE_FINAL_TYPE (GtenCudaGraph, gten_cuda_graph, GTEN, CUDA_GRAPH, GObject)

GTEN_API GtenCudaGraph *gten_cuda_graph_new           (void);
GTEN_API gboolean       gten_cuda_graph_register_generator_state (GtenCudaGraph *self, GtenGenerator *generator,
                                                                  GError **error);
GTEN_API gboolean       gten_cuda_graph_capture_begin (GtenCudaGraph *self, GtenCudaGraph *shares_memory,
                                                       GError **error);
GTEN_API gboolean       gten_cuda_graph_capture_end   (GtenCudaGraph *self, GError **error);
GTEN_API gboolean       gten_cuda_graph_replay        (GtenCudaGraph *self, GError **error);
GTEN_API void           gten_cuda_graph_reset         (GtenCudaGraph *self);
GTEN_API gboolean       gten_cuda_is_current_stream_capturing (void);

G_END_DECLS
