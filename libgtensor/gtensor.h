/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "core/gten-types.h"
#include "gten-enum-types.h"
#include "core/gten-tensor.h"
#include "core/gten-warning.h"
#include "device/gten-device.h"
#include "device/gten-stream.h"
#include "device/gten-cuda.h"
#include "device/gten-generator.h"
#include "autograd/gten-node.h"
#include "autograd/gten-function.h"
#include "autograd/gten-backward.h"
#include "inspect/gten-condition.h"
#include "inspect/gten-inspect.h"
#include "ops/gten-op.h"
#include "ops/gten-item.h"
#include "ops/gten-ops.h"
