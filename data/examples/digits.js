#!/usr/bin/env -S gjs -m
// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Learns to read handwritten digits: a network of two layers, in plain tensor operations.
//     digits.js [FILE]     FILE is digits.csv.gz, which lies beside the examples' folder
import Gio from 'gi://Gio';
import GTensor from 'gi://GTensor?version=1.0';
import System from 'system';

const N_HIDDEN = 64, N_EPOCHS = 20, BATCH = 32, RATE = 0.2;

// Images between 0 and 1, and what they show; every fifth row is held out.
function load(file) {
    const stream = Gio.ConverterInputStream.new(file.read(null), Gio.ZlibDecompressor.new(Gio.ZlibCompressorFormat.GZIP));
    const chunks = [];
    for (;;) {
        const bytes = stream.read_bytes(65536, null);
        if (bytes.get_size() === 0)
            break;
        chunks.push(new TextDecoder().decode(bytes.toArray()));
    }
    const numbers = chunks.join('').trim().split(/[\n,]/).map(Number);
    const rows = GTensor.fromTypedArray(Int32Array.from(numbers), {shape: [numbers.length / 65, 65]});
    const images = rows.at(':, :64').to({dtype: GTensor.float32}).div(16);
    const digits = rows.at(':, 64').to({dtype: GTensor.int64});
    const heldOut = GTensor.arange(rows.shape[0]).remainder(5).eq(4);
    const kept = heldOut.logical_not();
    return [images.at('?', kept), digits.at('?', kept), images.at('?', heldOut), digits.at('?', heldOut)];
}

function network(images, [weight1, bias1, weight2, bias2]) {
    return images.matmul(weight1).add(bias1).relu().matmul(weight2).add(bias2);
}

function accuracy(images, digits, parameters) {
    return GTensor.noGrad(() => network(images, parameters).argmax(1).eq(digits).to({dtype: GTensor.float32}).mean().item());
}

const file = ARGV.length ? Gio.File.new_for_path(ARGV[0])
    : Gio.File.new_for_uri(import.meta.url).get_parent().get_parent().resolve_relative_path('digits/digits.csv.gz');
const [images, digits, testImages, testDigits] = load(file);
const nImages = images.shape[0];

GTensor.manual_seed(0);
const parameters = [GTensor.randn([64, N_HIDDEN]).div(8), GTensor.zeros([N_HIDDEN]),
    GTensor.randn([N_HIDDEN, 10]).div(Math.sqrt(N_HIDDEN)), GTensor.zeros([10])];
parameters.forEach(parameter => parameter.requires_grad_());

let right = 0;
for (let epoch = 1; epoch <= N_EPOCHS; epoch++) {
    let total = 0;
    for (const rows of GTensor.randperm(nImages).split(BATCH)) {
        const loss = GTensor.cross_entropy(network(images.at('?', rows), parameters), digits.at('?', rows));
        loss.backward();
        GTensor.noGrad(() => parameters.forEach(parameter => {
            parameter.sub_(parameter.grad.mul(RATE));
            parameter.grad = null;
        }));
        total += loss.item() * rows.shape[0];
    }
    right = accuracy(testImages, testDigits, parameters);
    print(`epoch ${String(epoch).padStart(2)}: loss ${(total / nImages).toFixed(4)}, ` +
        `${(100 * right).toFixed(1)} % of the held-out digits are right`);
}
System.exit(right > 0.95 ? 0 : 1);
