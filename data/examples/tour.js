#!/usr/bin/env -S gjs -m
// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The tour: a formula, its graph, and the gradients that flow back through it, one node at a time.
import GTensor from 'gi://GTensor?version=1.0';

const x = GTensor.ones([2, 2], {requiresGrad: true});
const y = x.add(2);
const z = y.mul(y).mul(3);
const out = z.mean();
print(`out = ${out}`);

for (const node of GTensor.Backward.new(out))
    print(`ran ${node.name}`);

print('the gradient of x:');
print(x.grad);
