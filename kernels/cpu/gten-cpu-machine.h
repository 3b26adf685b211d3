/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The block machine: programs, block by block.
 *
 * A block is a run of consecutive elements of an iteration space. Registers are pointers: at the
 * operand's own memory where it is contiguous and of the compute type, at scratch memory
 * otherwise. */
#pragma once

#include "gten-cpu-space.h"

/* A register's scratch. The odd cache line keeps registers from falling into the same cache
 * sets. */
typedef struct
{
  _Alignas (64) uint8_t bytes[GTEN_K_BLOCK * 8 + 64];
} GtenScratch;

typedef struct
{
  const GtenKProgram *program;
  const GtenSpace    *space;
  int                 first_input;                         /* operand of the space that is input 0 */
  bool                is_contiguous[GTEN_K_MAX_INPUTS];    /* over the whole space and of the compute type */
  bool                is_constant[GTEN_K_MAX_INPUTS];
  bool                is_expanded[GTEN_K_MAX_REGISTERS];   /* per instruction: its bools are wanted as numbers */
  GtenKBlock          blocks[GTEN_K_MAX_REGISTERS];        /* per instruction; NULL: its register is its input's */
} GtenMachine;

/* GTEN_K_UNSUPPORTED if a kernel is missing. */
GtenKStatus gten_machine_init (GtenMachine *self, const GtenKProgram *program, const GtenSpace *space,
                               int first_input);

/* Fills the registers of what is the same in all blocks. */
void gten_machine_prepare (const GtenMachine *self, const void **registers, GtenScratch *scratch);

/* Loads n elements from `indices` on into the inputs' registers. */
void gten_machine_load (const GtenMachine *self, const int64_t *indices, size_t n,
                        const void **registers, GtenScratch *scratch);

/* Runs the instructions. `results`, indexed by instruction, says where a result goes; NULL: to
 * scratch. */
void gten_machine_execute (const GtenMachine *self, size_t n, const void **registers,
                           void *const *results, GtenScratch *scratch);

/* Converts n elements, from `indices` on, of an operand into contiguous ones of the compute
 * type. */
void gten_machine_gather (const GtenSpace *space, int operand, const GtenKOperand *from,
                          GtenKCompute compute, const int64_t *indices, size_t n, void *to);

/* The other way. */
void gten_machine_scatter (const GtenSpace *space, int operand, const GtenKOperand *to,
                           GtenKCompute compute, const int64_t *indices, size_t n, const void *from);
