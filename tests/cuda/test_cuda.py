#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""torch.cuda as PyTorch's users write it, on a GPU or on the emulation; what both have in common with a program for PyTorch."""
import threading
import unittest

import gi

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as torch

nn = torch.nn.functional


class Devices(unittest.TestCase):
    def test_names(self):
        self.assertTrue(torch.cuda.is_available())
        self.assertEqual(repr(torch.device("cuda")), "device(type='cuda', index=0)")
        self.assertEqual(torch.device(0), torch.device("cuda", 0))
        properties = torch.cuda.get_device_properties()
        self.assertEqual(torch.cuda.get_device_name(), properties.name)
        self.assertEqual(torch.cuda.get_device_capability(), (properties.major, properties.minor))
        self.assertIn("_CudaDeviceProperties(name=", repr(properties))
        with self.assertRaisesRegex(AssertionError, "Invalid device id"):
            torch.cuda.get_device_properties(torch.cuda.device_count())
        with self.assertRaisesRegex(RuntimeError, "CUDA error: invalid device ordinal"):
            torch.device(f"cuda:{torch.cuda.device_count()}")

    def test_current_device(self):
        last = torch.cuda.device_count() - 1
        with torch.cuda.device(last):
            self.assertEqual(torch.cuda.current_device(), last)
            self.assertEqual(torch.ones(1, device="cuda").device.index, last)
            seen = []
            thread = threading.Thread(target=lambda: seen.append(torch.cuda.current_device()))
            thread.start()
            thread.join()
            self.assertEqual(seen, [0])
        self.assertEqual(torch.cuda.current_device(), 0)
        with torch.cuda.device_of(torch.ones(1, device=last)):
            self.assertEqual(torch.cuda.current_device(), last)

    def test_default_device(self):
        with torch.device("cuda"):
            for made in (torch.ones(2), torch.tensor([1, 2]), torch.arange(3), torch.rand(2), torch.eye(2), torch.as_tensor([1.0])):
                self.assertTrue(made.is_cuda)
        self.assertFalse(torch.ones(2).is_cuda)
        torch.set_default_device("cuda")
        try:
            self.assertEqual(torch.get_default_device(), torch.device("cuda:0"))
            self.assertTrue(torch.zeros(1).is_cuda)
        finally:
            torch.set_default_device(None)
        self.assertTrue(torch.zeros(1).is_cpu)


class Tensors(unittest.TestCase):
    def setUp(self):
        self.x = torch.arange(6.0, device="cuda").reshape(2, 3)

    def test_printing(self):
        self.assertEqual(repr(self.x), "tensor([[0., 1., 2.],\n        [3., 4., 5.]], device='cuda:0')")
        self.assertEqual(repr(torch.ones_like(torch.ones(1), device="cuda") * 2), "tensor([2.], device='cuda:0')")
        self.assertEqual(repr(self.x.sum().requires_grad_()), "tensor(15., device='cuda:0', requires_grad=True)")
        for big in (torch.arange(10000.0, device="cuda").reshape(100, 100), torch.arange(2000, device="cuda"),
                    torch.rand(12, 3, 50, device="cuda").transpose(0, 2)):  # only what is shown is fetched
            self.assertEqual(repr(big).replace(", device='cuda:0'", "").replace(",\n       device='cuda:0'", ""), repr(big.cpu()))

    def test_reading(self):
        self.assertEqual(self.x.tolist(), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
        self.assertEqual(self.x[1, 2].item(), 5.0)
        with self.assertRaisesRegex(TypeError, r"can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu\(\) to copy the "
                                               "tensor to host memory first."):
            self.x.numpy()
        self.assertEqual(self.x.numpy(force=True).tolist(), self.x.tolist())

    def test_conversions(self):
        self.assertIs(self.x.to("cuda"), self.x)
        self.assertIs(self.x.cuda(), self.x)
        self.assertEqual(self.x.to("cpu", torch.int64).dtype, torch.int64)
        self.assertTrue(torch.equal(self.x.t().to("cpu").t(), self.x.cpu()))
        self.assertIsNot(self.x.to("cuda", copy=True), self.x)
        self.assertTrue(self.x.cpu().is_cpu)
        last = torch.device("cuda", torch.cuda.device_count() - 1)
        self.assertEqual(self.x.to(last).device, last)
        self.assertTrue(torch.equal(torch.zeros(2, 3).copy_(self.x), self.x.cpu()))

    def test_pinned(self):
        x = torch.ones(1000).pin_memory()
        self.assertTrue(x.is_pinned() and torch.empty(3, pin_memory=True).is_pinned()
                        and torch.tensor([1.0], pin_memory=True).is_pinned() and not torch.ones(1).is_pinned())
        there = x.to("cuda", non_blocking=True)
        back = (there * 2).to("cpu", non_blocking=True)
        torch.cuda.synchronize()
        self.assertEqual(back.sum().item(), 2000.0)

    def test_indexing(self):
        x = self.x.clone()
        self.assertEqual(x[torch.tensor([1])].tolist(), [[3.0, 4.0, 5.0]])
        self.assertEqual(x[x > 3].tolist(), [4.0, 5.0])
        x[torch.tensor([0])] = torch.tensor(7.0)
        x[1] = torch.tensor([1.0, 2.0, 3.0])
        self.assertEqual(x.tolist(), [[7.0, 7.0, 7.0], [1.0, 2.0, 3.0]])
        with self.assertRaisesRegex(RuntimeError, "indices should be either on cpu or on the same device"):
            torch.ones(2)[torch.tensor([0], device="cuda")]

    def test_meeting(self):
        here = torch.ones(2, 3)
        self.assertEqual((self.x + torch.tensor(1.0)).sum().item(), 21.0)
        self.assertEqual((torch.tensor(2.0) * self.x).sum().item(), 30.0)
        self.assertEqual(torch.where(self.x > 2, torch.tensor(1.0), torch.tensor(0.0)).sum().item(), 3.0)
        for call in (lambda: self.x + here, lambda: here + self.x, lambda: torch.add(self.x, self.x, out=here),
                     lambda: here[0, 0].add_(self.x)):
            with self.assertRaisesRegex(RuntimeError, "Expected all tensors to be on the same device, but found at least two devices, "
                                                      "cuda:0 and cpu!"):
                call()
        for call, argument in ((lambda: self.x @ here.t(), "mat2"), (lambda: torch.cat([self.x, here]), "tensors"),
                               (lambda: self.x.index_select(0, torch.tensor([1])), "index")):
            with self.assertRaisesRegex(RuntimeError, f"but got {argument} is on cpu, different from other tensors on cuda:0"):
                call()
        with self.assertRaisesRegex(RuntimeError, "Expected a 'cuda' device type for generator but found 'cpu'"):
            torch.rand(2, device="cuda", generator=torch.Generator())

    def test_numbers_of_the_cpu(self):
        """0-d tensors on the CPU beside others: where they may stand, and what is said where they may not."""
        two = "at least two devices, cuda:0 and cpu!"
        two_here = "at least two devices, cpu and cuda:0!"
        other = "Expected all tensors to be on the same device"
        g, g0 = torch.ones(3, device="cuda"), torch.tensor(3.0, device="cuda")
        c, z, i, mask = torch.ones(3), torch.tensor(2.0), torch.tensor([0, 2]), torch.tensor([True, False, True])

        def put(x, index, value):
            x = x.clone()
            x[index] = value
            return x

        def empty(device):
            return torch.empty(0, device=device)

        for call, expected in (
                (lambda: g + z, [3, 3, 3]), (lambda: z - g, [1, 1, 1]), (lambda: g0 + z, 5), (lambda: g + c, two), (lambda: g0 + c, two),
                (lambda: g + c[:1], two), (lambda: z ** g, [2, 2, 2]), (lambda: torch.maximum(z, g), [2, 2, 2]),
                (lambda: g.clone().mul_(z), [2, 2, 2]), (lambda: c.clone().add_(g0), two), (lambda: z.clone().add_(g0), two),
                (lambda: torch.add(g, z, out=empty("cuda")), [3, 3, 3]), (lambda: torch.add(g, z, out=empty("cpu")), two),
                (lambda: torch.add(z, z, out=empty("cuda")), "Trying to pass too many CPU scalars to non-CPU kernel!"),
                (lambda: torch.exp(z, out=empty("cuda")), two), (lambda: torch.where(g > 0, z, g), [2, 2, 2]),
                (lambda: torch.clamp(g, min=z), [2, 2, 2]), (lambda: torch.clamp(g, min=c), two),
                (lambda: torch.clamp(g, min=z, out=empty("cpu")), "Expected out tensor to have device cuda:0, but got cpu instead"),
                (lambda: g.masked_fill(g > 0, z), [2, 2, 2]), (lambda: g.masked_fill(c > 0, 1.0), two),
                (lambda: g.index_fill(0, i.cuda(), z), [2, 1, 2]), (lambda: g.index_fill(0, i, 1.0), two),
                (lambda: torch.stack([g0, z]), other), (lambda: g.clone().copy_(z), [2, 2, 2]), (lambda: c.clone().fill_(g0), [3, 3, 3]),
                (lambda: put(g, 0, z), [2, 1, 1]), (lambda: put(c, 0, g0), [3, 1, 1]), (lambda: put(g, slice(0, 2), c[:2] * 4), [4, 4, 1]),
                (lambda: put(g, i, z), [2, 1, 2]), (lambda: put(g, i, 5), [5, 1, 5]), (lambda: put(c, i, g0), [3, 1, 3]),
                (lambda: put(g, i, c[:2]), two), (lambda: put(c, i, g[:2]), two_here), (lambda: put(g, mask, z), [2, 1, 2]),
                (lambda: put(g, mask, g0), [3, 1, 3]), (lambda: put(c, mask, g0), [3, 1, 3])):
            if isinstance(expected, str):
                with self.assertRaises(RuntimeError) as caught:
                    call()
                self.assertIn(expected, str(caught.exception))
            else:
                self.assertEqual(call().tolist(), expected)
        number = torch.tensor(2.0, requires_grad=True)
        (number * g).sum().backward()
        self.assertEqual((number.grad.item(), number.grad.device.type), (3.0, "cpu"))

    def test_dlpack(self):
        self.assertEqual(self.x.__dlpack_device__(), (2, 0))
        shared = torch.from_dlpack(self.x)
        self.assertEqual(shared.data_ptr(), self.x.data_ptr())
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):  # waits for what the producer's stream has got
            total = torch.from_dlpack(self.x * 2).sum()
        stream.synchronize()
        self.assertEqual(total.item(), 30.0)
        with self.assertRaises(TypeError):
            self.x.__dlpack__(stream="no")


class Memory(unittest.TestCase):
    def test_statistics(self):
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        x = torch.empty(1 << 20, device="cuda")
        self.assertEqual(torch.cuda.memory_allocated(), before + 4 * (1 << 20))
        del x
        self.assertEqual(torch.cuda.memory_allocated(), before)
        self.assertEqual(torch.cuda.max_memory_allocated(), before + 4 * (1 << 20))
        self.assertGreaterEqual(torch.cuda.memory_reserved(), before)
        self.assertIn("allocated_bytes.all.peak", torch.cuda.memory_stats())
        self.assertIn("num_ooms", torch.cuda.memory_summary())
        free, total = torch.cuda.mem_get_info()
        self.assertLessEqual(free, total)
        torch.cuda.empty_cache()

    def test_out_of_memory(self):
        with self.assertRaisesRegex(torch.cuda.OutOfMemoryError, "CUDA out of memory. Tried to allocate 4096.00 GiB. GPU 0 has a total "
                                                                 "capacity of .* of which .* is free."):
            torch.empty(1 << 40, device="cuda")
        self.assertEqual(torch.ones(2, device="cuda").sum().item(), 2.0)


class Streams(unittest.TestCase):
    def test_streams(self):
        stream = torch.cuda.Stream()
        default = torch.cuda.default_stream()
        self.assertEqual(torch.cuda.current_stream(), default)
        x = torch.arange(1000.0, device="cuda")
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self.assertEqual(torch.cuda.current_stream(), stream)
            with torch.cuda.stream(default):
                self.assertEqual(torch.cuda.current_stream(), default)
            y = x * 2
            event = stream.record_event()
        self.assertEqual(torch.cuda.current_stream(), default)
        event.wait()
        y.record_stream(torch.cuda.current_stream())
        self.assertEqual((y + 1).sum().item(), 1000 * 999 + 1000)
        event.synchronize()
        self.assertTrue(event.query() and stream.query())
        self.assertEqual(torch.cuda.ExternalStream(stream.cuda_stream).cuda_stream, stream.cuda_stream)

    def test_timing(self):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        torch.ones(1000, device="cuda").sum()
        end.record()
        torch.cuda.synchronize()
        self.assertGreaterEqual(start.elapsed_time(end), 0.0)
        with self.assertRaisesRegex(RuntimeError, "enable_timing=True"):
            torch.cuda.Event().elapsed_time(end)

    def test_faults(self):
        """Told when somebody waits, with the operation's name; and the program goes on."""
        x = torch.arange(6.0, device="cuda")
        with self.assertRaisesRegex(IndexError, r"index 9 is out of bounds for dimension 0 with size 6 \(in gather"):
            torch.gather(x, 0, torch.tensor([9], device="cuda"))
            torch.cuda.synchronize()
        self.assertEqual(x.sum().item(), 15.0)


class Random(unittest.TestCase):
    def test_seeds(self):
        torch.manual_seed(3)
        self.assertEqual(torch.cuda.initial_seed(), 3)
        a = torch.rand(100, device="cuda")
        torch.cuda.manual_seed(3)
        self.assertTrue(torch.equal(torch.rand(100, device="cuda"), a))
        generator = torch.Generator(device="cuda").manual_seed(3)
        self.assertTrue(torch.equal(torch.rand(100, device="cuda", generator=generator), a))
        state = torch.cuda.get_rng_state()
        self.assertEqual(state.numel(), 16)
        b = torch.randn(100, device="cuda")
        torch.cuda.set_rng_state(state)
        self.assertTrue(torch.equal(torch.randn(100, device="cuda"), b))


class Graphs(unittest.TestCase):
    def test_replay(self):
        graph = torch.cuda.CUDAGraph()
        with self.assertRaisesRegex(RuntimeError, "without a preceding successful capture"):
            graph.replay()
        x = torch.zeros(4, device="cuda")
        with torch.cuda.graph(graph):
            self.assertTrue(torch.cuda.is_current_stream_capturing())
            y = x * 3 + 1
        for value in (2.0, 5.0):
            x.fill_(value)
            graph.replay()
            self.assertEqual(y.tolist(), [3 * value + 1] * 4)
        other = torch.cuda.CUDAGraph()
        with torch.cuda.graph(other, pool=graph.pool()):
            z = x - 1
        other.replay()
        self.assertEqual(z.tolist(), [4.0] * 4)
        graph.reset()

    def test_generators(self):
        """A graph draws on from the generators that it was told of, and from no others."""
        graph, generator = torch.cuda.CUDAGraph(), torch.Generator(device="cuda").manual_seed(3)
        graph.register_generator_state(generator)
        with torch.cuda.graph(graph):
            drawn = torch.rand(4, device="cuda", generator=generator)
        plain = torch.Generator(device="cuda").manual_seed(3)
        for _ in range(2):
            graph.replay()
            self.assertEqual(drawn.tolist(), torch.rand(4, device="cuda", generator=plain).tolist())
        with self.assertRaisesRegex(RuntimeError, "before the graph is captured"):
            graph.register_generator_state(plain)
        with self.assertRaisesRegex(RuntimeError, "for a CUDA generator not in capture mode"):
            with torch.cuda.graph(torch.cuda.CUDAGraph()):
                torch.rand(2, device="cuda", generator=plain)

    def test_training_step(self):
        """A captured step changes the parameters as the same steps without a graph do."""
        torch.manual_seed(0)
        x, target = torch.randn(16, 8, device="cuda"), torch.randint(0, 4, (16,), device="cuda")

        def train(captured):
            torch.manual_seed(1)
            weight = torch.randn(8, 4, device="cuda", requires_grad=True)

            def step():
                weight.grad = None
                loss = nn.cross_entropy(nn.relu(x @ weight), target)
                loss.backward()
                with torch.no_grad():
                    weight.sub_(weight.grad, alpha=0.1)
                return loss

            if not captured:
                for _ in range(5):
                    step()
                return weight.detach()
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                step()
            torch.cuda.current_stream().wait_stream(stream)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                step()
            for _ in range(4):
                graph.replay()
            return weight.detach()

        self.assertTrue(torch.allclose(train(False), train(True)))

    def test_what_waits_cannot_be_captured(self):
        x = torch.ones(3, device="cuda")
        with self.assertRaises(RuntimeError):
            with torch.cuda.graph(torch.cuda.CUDAGraph()):
                x.sum().item()
        self.assertFalse(torch.cuda.is_current_stream_capturing())
        self.assertEqual((x + 1).tolist(), [2.0] * 3)


class Autograd(unittest.TestCase):
    def test_gradients_stay_where_their_tensors_are(self):
        host, scale = torch.ones(3, requires_grad=True), torch.tensor(2.0, requires_grad=True)
        (host.cuda() * scale).sum().backward()
        self.assertEqual((host.grad.tolist(), scale.grad.item()), ([2.0] * 3, 3.0))
        self.assertTrue(host.grad.is_cpu and scale.grad.is_cpu)
        there = torch.ones(3, device="cuda", requires_grad=True)
        (there.cpu() * 2).sum().backward()
        self.assertTrue(there.grad.is_cuda)
        with self.assertRaisesRegex(RuntimeError, "attempting to assign a gradient located on device 'cpu'"):
            there.grad = torch.ones(3)

    def test_streams(self):
        x = torch.arange(1000.0, device="cuda", requires_grad=True)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            y = x * x
        torch.cuda.current_stream().wait_stream(stream)
        y.sum().backward()
        self.assertTrue(torch.equal(x.grad, 2 * x.detach()))


class Precision(unittest.TestCase):
    def test_tf32(self):
        self.assertFalse(torch.backends.cuda.matmul.allow_tf32)
        torch.set_float32_matmul_precision("high")
        self.assertTrue(torch.backends.cuda.matmul.allow_tf32)
        torch.backends.cuda.matmul.allow_tf32 = False
        self.assertEqual(torch.get_float32_matmul_precision(), "highest")


if __name__ == "__main__":
    unittest.main(verbosity=2)
