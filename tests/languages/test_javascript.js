// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// JavaScript: call forms, options, data, indices, autograd.
import GLib from 'gi://GLib';
import GTensor from 'gi://GTensor?version=1.0';
import System from 'system';

const tests = [];
const test = (name, run) => tests.push([name, run]);

function equal(got, expected) {
    const texts = [got, expected].map(value => typeof value === 'string' ? value : JSON.stringify(value));
    if (texts[0] !== texts[1])
        throw new Error(`expected ${texts[1]}, got ${texts[0]}`);
}

function raises(text, call) {
    let message = 'nothing thrown';
    try {
        call();
    } catch (error) {
        ({message} = error);
    }
    if (!message.includes(text))
        throw new Error(`expected "${text}", got "${message}"`);
}

const data = tensor => tensor.toArray();
const {float32, float64, int32, int64} = GTensor;

test('making tensors', () => {
    equal(`${GTensor.tensor([1.5, 2])}`, 'tensor([1.5000, 2.0000])');
    equal(GTensor.tensor([1, 2]).dtype, int64);
    equal(GTensor.tensor([true, false]).dtype, GTensor.bool);
    equal(GTensor.tensor(3).shape, []);
    equal(GTensor.tensor([], {dtype: float32}).shape, [0]);
    equal(data(GTensor.tensor([[1, 2], [3, 4]], {dtype: float64})), [[1, 2], [3, 4]]);
    equal(GTensor.zeros([2, 3]).shape, [2, 3]);
    equal(GTensor.zeros(2, 3, {dtype: int32}).dtype, int32);
    equal(data(GTensor.full([2], 7)), [7, 7]);
    equal(data(GTensor.arange(5)), [0, 1, 2, 3, 4]);
    equal(data(GTensor.arange(1, 2, 0.5)), [1, 1.5]);
    equal(GTensor.randn([3], {requiresGrad: true}).requires_grad, true);
    raises('expected sequence of length', () => GTensor.tensor([[1, 2], [3]]));
    raises('expected numbers', () => GTensor.tensor(['a']));
});

test('typed arrays', () => {
    const array = new Float32Array([1, 2, 3, 4, 5, 6]);
    const x = GTensor.fromTypedArray(array, {shape: [2, 3]});
    equal(x.dtype, float32);
    equal(data(x.t()), [[1, 4], [2, 5], [3, 6]]);
    equal([...x.t().toTypedArray()], [1, 4, 2, 5, 3, 6]);
    equal(GTensor.fromTypedArray(new Int8Array([-1, 2])).dtype, GTensor.int8);
    if (!(GTensor.tensor([1, 2]).toTypedArray() instanceof BigInt64Array))
        throw new Error('int64 is a BigInt64Array');
    equal(data(GTensor.tensor([1, 2])), [1, 2]);
    equal(data(GTensor.tensor([0.5], {dtype: GTensor.bfloat16})), [0.5]);
    equal(data(GTensor.tensor([true])), [true]);
    equal(data(GTensor.zeros([2, 0])), [[], []]);
});

test('calls and options', () => {
    const x = GTensor.arange(6, {dtype: float32}).reshape(2, 3);
    equal(x.sum().item(), 15);
    equal(data(x.sum(0)), [3, 5, 7]);
    equal(x.sum({dim: 1, keepdim: true}).shape, [2, 1]);
    equal(data(x.sum([0, 1])), 15);
    equal(data(x.add(1)), [[1, 2, 3], [4, 5, 6]]);
    equal(data(x.add(x, {alpha: 2})), [[0, 3, 6], [9, 12, 15]]);
    equal(data(GTensor.add(x, x)), data(x.mul(2)));
    equal(data(x.pow(2).at('1')), [9, 16, 25]);
    const {values, indices} = x.max({dim: 1});
    equal([data(values), data(indices)], [[2, 5], [2, 2]]);
    const out = GTensor.zeros([2, 3]);
    equal(GTensor.add(x, 1, {out}) === out && data(out)[0][0], 1);
    equal(data(x.add_(1)), [[1, 2, 3], [4, 5, 6]]);
    equal(x.permute(1, 0).shape, [3, 2]);
    equal(x.to({dtype: int64}).dtype, int64);
    equal(GTensor.cat([x, x], {dim: 1}).shape, [2, 6]);
    equal(x.split(2, {dim: 1}).map(part => part.shape), [[2, 2], [2, 1]]);
    equal(data(x.clamp({min: 2, max: 3})), [[2, 2, 3], [3, 3, 3]]);
    equal(data(GTensor.where(x.gt(3), x, 0)), [[0, 0, 0], [4, 5, 6]]);
    raises('add()', () => x.add('text'));
    raises('sum(', () => x.sum({nonsense: 1}));
    raises('shape', () => x.view(4));
    raises('Dimension out of range', () => x.sum(7));
    equal(GTensor.manual_seed(1) instanceof GTensor.Generator, true);
});

test('names', () => {
    const x = GTensor.tensor([[1, 2], [3, 4]], {dtype: 'float64'});
    equal(x.dtype, float64);
    equal(GTensor.zeros([2], {dtype: 'int32'}).dtype, int32);
    equal(x.to({dtype: 'float32'}).dtype, float32);
    equal(data(x.maskedFill(x.gt(2), 0)), [[1, 2], [0, 0]]);
    equal(data(x.clone().maskedFill_(x.gt(2), 0)), [[1, 2], [0, 0]]);
    equal(data(x.T()), [[1, 3], [2, 4]]);
    equal(GTensor.nn.functional.logSoftmax(x, {dim: 1}).toString(), GTensor.log_softmax(x, {dim: 1}).toString());
    equal(GTensor.linalg.vectorNorm(x).item(), GTensor.linalg_vector_norm(x).item());
    equal(GTensor.linalg.relu, undefined);
    equal(GTensor.autograd.grad === GTensor.grad && GTensor.no_grad === GTensor.noGrad, true);
    raises('no dtype', () => GTensor.tensor(1, {dtype: 'nonsense'}));
    raises('zeros()', () => GTensor.zeros([1], {dtype: 'nonsense'}));
});

test('functions of networks, by options', () => {
    const {functional} = GTensor.nn;
    GTensor.manualSeed(3);
    const logits = GTensor.randn([6, 2, 4]);
    const loss = functional.ctcLoss(functional.logSoftmax(logits, 2), GTensor.tensor([[1, 2], [3, 1]]), [6, 6], [2, 2], {reduction: 'sum'});
    equal(loss.item() > 0, true);
    equal(functional.gumbelSoftmax(logits, {hard: true}).sum().item(), 12);
    equal(functional.lpPool2d(GTensor.ones([1, 1, 4, 4]), 2, 2).toArray(), [[[[2, 2], [2, 2]]]]);
    equal(GTensor.hannWindow(4).toArray().map(x => Math.round(1e4 * x)), [0, 5000, 10000, 5000]);
});

test('indices and iteration', () => {
    const x = GTensor.arange(6).reshape(2, 3);
    equal(data(x.at(0)), [0, 1, 2]);
    equal(data(x.at('..., -1')), [2, 5]);
    equal(data(x.at(':, ?', GTensor.tensor([0, 2]))), [[0, 2], [3, 5]]);
    x.setAt('0, 1:', 9).setAt('1', GTensor.tensor([7, 8, 9]));
    equal(data(x), [[0, 9, 9], [7, 8, 9]]);
    equal([...x].map(row => row.sum().item()), [18, 24]);
    raises('out of bounds', () => x.at(5));
    raises('iteration', () => [...GTensor.tensor(1)]);
});

test('autograd', () => {
    const x = GTensor.tensor([1, 2], {dtype: float32, requiresGrad: true});
    const loss = x.mul(x).sum();
    loss.backward({retainGraph: true});
    equal(data(x.grad), [2, 4]);
    loss.backward();
    equal(data(x.grad), [4, 8]);
    raises('second time', () => loss.backward());
    x.grad = null;
    const hook = x.registerHook(grad => grad.mul(10));
    x.sum().backward();
    hook.remove();
    x.sum().backward();
    equal(data(x.grad), [11, 11]);
    equal(data(GTensor.grad(x.pow(3).sum(), x)[0]), [3, 12]);
    const [first] = GTensor.grad(x.pow(3).sum(), x, {createGraph: true});
    equal(data(GTensor.grad(first.sum(), x)[0]), [6, 12]);
    equal(GTensor.noGrad(() => x.mul(2).requires_grad), false);
    equal(x.mul(2).gradFn.name, 'MulBackward0');
    equal([...GTensor.Backward.new(x.exp().sum())].map(node => node.name), ['SumBackward0', 'ExpBackward0', 'AccumulateGrad']);
});

test('a function of the user\'s', () => {
    class Cube extends GTensor.Function {
        static forward(ctx, x, scale) {
            ctx.scale = scale;
            ctx.saveForBackward(x);
            return x.pow(3).mul(scale);
        }

        static backward(ctx, grad) {
            const [x] = ctx.savedTensors;
            return [x.pow(2).mul(3 * ctx.scale).mul(grad), null];
        }
    }

    const x = GTensor.tensor([2], {dtype: float32, requiresGrad: true});
    const y = Cube.apply(x, 10);
    equal(y.gradFn.name, 'CubeBackward');
    y.backward();
    equal(data(x.grad), [120]);

    class Second extends GTensor.Function {
        static forward(ctx, a, b) {
            return a.add(b);
        }

        static backward(ctx, grad) {
            return [null, grad];
        }
    }
    const z = GTensor.ones([1], {requiresGrad: true});
    Second.apply(x, z).backward();
    equal([data(x.grad), data(z.grad)], [[120], [1]]);
    Second.apply(GTensor.ones([1]), z).backward();
    equal(data(z.grad), [2]);

    class Bad extends GTensor.Function {
        static forward(ctx, x) {
            return x.mul(1);
        }

        static backward() {
            throw new Error('mine');
        }
    }
    raises('mine', () => Bad.apply(x).backward());
});

test('what a hook throws comes out of the pass', () => {
    const x = GTensor.ones([2], {requiresGrad: true});
    const hook = x.registerHook(() => {
        throw new RangeError('mine');
    });
    raises('mine', () => x.sum().backward());
    raises('mine', () => GTensor.Backward.new(x.sum()).run());
    raises('mine', () => GTensor.grad(x.sum(), x));
    hook.remove();
    x.sum().backward();
});

test('hooks on nodes', () => {
    const x = GTensor.ones([2], {requiresGrad: true});
    const y = x.mul(2), seen = [];
    const before = y.gradFn.registerPrehook(outputs => {
        seen.push(data(outputs[0]));
    });
    y.gradFn.registerHook((inputs, outputs) => {
        seen.push([inputs[1], data(outputs[0])]);
        return [inputs[0].mul(10), null];
    });
    y.sum().backward({retainGraph: true});
    before.remove();
    y.sum().backward({retainGraph: true});
    equal(data(x.grad), [40, 40]);
    equal(seen, [[1, 1], [null, [1, 1]], [null, [1, 1]]]);
    y.gradFn.registerPrehook(() => [null]);
    x.grad = null;
    y.sum().backward({retainGraph: true});
    equal(data(x.grad), [0, 0]);
    y.gradFn.registerHook(() => {
        throw new RangeError('mine');
    });
    raises('mine', () => y.sum().backward());
});

test('tensors in JavaScript itself', () => {
    const x = GTensor.tensor([[1, 2], [3, 4]]);
    equal(x.at(1, 0).item(), 3);
    equal(data(x.at(x.gt(2))), [3, 4]);
    equal(JSON.stringify({x}), '{"x":[[1,2],[3,4]]}');
    equal(x.sum() * 2, 20);
    equal(`${x.sum()}`, 'tensor(10)');
    raises('cannot be converted to Scalar', () => x.item());
});

test('errors', () => {
    let caught = null;
    try {
        GTensor.ones([2]).add(GTensor.ones([3]));
    } catch (error) {
        caught = error;
    }
    equal(caught instanceof GLib.Error && caught.matches(GTensor.Error, GTensor.Error.SHAPE), true);
    equal(caught.message, 'The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0');
});

print(`1..${tests.length}`);
let failed = 0;
tests.forEach(([name, run], i) => {
    try {
        run();
        print(`ok ${i + 1} - ${name}`);
    } catch (error) {
        failed++;
        print(`not ok ${i + 1} - ${name}`);
        print(`${error.message}\n${error.stack ?? ''}`.trim().replace(/^/gm, '# '));
    }
});
System.exit(failed ? 1 : 0);
