#!/usr/bin/env -S gjs -m
// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A gradient that is not a number: the root of zero has an infinite slope, and infinity times zero is no number. The values
// themselves are all fine.
//   gtensor-inspector nan.js
import GTensor from 'gi://GTensor?version=1.0';

const x = GTensor.tensor([[0, 1], [4, 9]], {dtype: 'float32', requiresGrad: true});
const roots = x.sqrt();                                      // the slope at 0 is infinite
const shown = roots.mul(GTensor.tensor([[0, 1], [1, 1]]));   // hides the value at 0, and not its gradient
const loss = shown.mul(2).sum();
loss.backward();
print(`the loss: ${loss.item()}`);
print('the gradient of x:');
print(x.grad);
