/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Graphs, tensors and devices as objects and GTK 4 widgets. */
#pragma once

#include "gten-gtk-axes.h"
#include "gten-gtk-color-scale.h"
#include "gten-gtk-compare-view.h"
#include "gten-gtk-contribution.h"
#include "gten-gtk-device.h"
#include "gten-gtk-devices-view.h"
#include "gten-gtk-differences.h"
#include "gten-gtk-export.h"
#include "gten-gtk-flow.h"
#include "gten-gtk-format.h"
#include "gten-gtk-graph-view.h"
#include "gten-gtk-graph.h"
#include "gten-gtk-heatmap.h"
#include "gten-gtk-histogram.h"
#include "gten-gtk-image.h"
#include "gten-gtk-line.h"
#include "gten-gtk-memory.h"
#include "gten-gtk-node-view.h"
#include "gten-gtk-node.h"
#include "gten-gtk-npy.h"
#include "gten-gtk-question.h"
#include "gten-gtk-slice.h"
#include "gten-gtk-steps.h"
#include "gten-gtk-tensor-view.h"
#include "gten-gtk-tensor-widget.h"
#include "gten-gtk-tensor.h"
#include "gten-gtk-values.h"
