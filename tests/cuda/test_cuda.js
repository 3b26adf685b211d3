// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// torch.cuda from JavaScript, on a GPU or on the emulation. Prints TAP.
import GTensor from 'gi://GTensor?version=1.0';

const {cuda} = GTensor;
const tests = {
    'devices'() {
        const x = GTensor.ones([2], {device: 'cuda'});
        equal(`${x.add(1)}`, "tensor([2., 2.], device='cuda:0')");
        equal(`${x.cpu()}`, 'tensor([1., 1.])');
        equal(cuda.isAvailable(), true);
        equal(cuda.getDeviceName(), cuda.getDeviceProperties().name);
        equal(cuda.memoryAllocated() >= 8, true);
        throws(() => x.add(GTensor.ones([2])), 'Expected all tensors to be on the same device');
        throws(() => GTensor.Device.new(`cuda:${cuda.deviceCount()}`), 'invalid device ordinal');
    },
    'streams'() {
        const x = GTensor.ones([1000]).pinMemory().cuda('cuda', {nonBlocking: true});
        const stream = cuda.Stream.new(null, 0);
        stream.wait_stream(cuda.currentStream());
        const [start, end] = [cuda.Event.new(true), cuda.Event.new(true)];
        const y = cuda.stream(stream, () => {
            start.record();
            const product = x.mul(3);
            end.record();
            return product;
        });
        equal(cuda.currentStream(), cuda.defaultStream());
        stream.synchronize();
        equal(y.sum().item(), 3000);
        equal(start.elapsed_time(end) >= 0, true);
    },
    'graphs'() {
        const x = GTensor.zeros([4]).cuda(), graph = cuda.CUDAGraph.new();
        const y = cuda.graph(graph, () => x.mul(2).add(1));
        x.fill_(3);
        graph.replay();
        equal(`${y.toArray()}`, '7,7,7,7');
    },
    'gradients'() {
        const x = GTensor.ones([3], {requiresGrad: true});
        x.cuda().mul(2).sum().backward();
        equal(`${x.grad}`, 'tensor([2., 2., 2.])');
    },
};

function equal(got, expected) {
    if (got !== expected)
        throw new Error(`${got} instead of ${expected}`);
}

function throws(call, text) {
    try {
        call();
    } catch (error) {
        if (error.message.includes(text))
            return;
        throw error;
    }
    throw new Error(`nothing was thrown, expected: ${text}`);
}

print(`1..${Object.keys(tests).length}`);
for (const [name, test] of Object.entries(tests)) {
    try {
        test();
        print(`ok - ${name}`);
    } catch (error) {
        print(`not ok - ${name}`);
        print(`${error.message}\n${error.stack}`.replace(/^/gm, '# '));
    }
}
