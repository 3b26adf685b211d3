// SPDX-FileCopyrightText: 2026 The libgtensor authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The cases of bench.c, as PyTorch's C++ users write them.

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>

#include "bench.h"

using torch::Tensor;
namespace F = torch::nn::functional;

static std::function<void ()> current;

static void
step (void *)
{
  current ();
}

static std::function<void ()>
find (const std::string &name)
{
  auto vector = [] (int64_t n) { return torch::rand ({ n }); };
  auto matrix = [] (int64_t n) { return torch::rand ({ n, n }); };
  auto power = [&] { return int64_t (1) << std::stoi (name.substr (name.find ('^') + 1)); };
  auto starts = [&] (const char *text) { return name.rfind (text, 0) == 0; };

  if (name == "add-2x2" || name == "add-2x2-grad")
    {
      bool   grad = name == "add-2x2-grad";
      Tensor a = matrix (2).requires_grad_ (grad), b = matrix (2).requires_grad_ (grad);
      return [=] { Tensor c = a + b; };
    }
  if (name == "add-2x2-cuda")
    {
      Tensor a = matrix (2).cuda (), b = matrix (2).cuda ();
      return [=] {
        for (int i = 0; i < 1000; i++)
          Tensor c = a + b;
        torch::cuda::synchronize ();
      };
    }
  if (name == "tour")
    return [] {
      Tensor x = torch::ones ({ 2, 2 }, torch::requires_grad ());
      Tensor y = x + 2;
      Tensor out = (y * y * 3).mean ();
      out.backward ();
    };
  if (name == "mlp")
    {
      Tensor x = torch::rand ({ 32, 64 });
      Tensor w1 = torch::rand ({ 128, 64 }).requires_grad_ (), b1 = torch::rand ({ 128 }).requires_grad_ ();
      Tensor w2 = torch::rand ({ 10, 128 }).requires_grad_ (), b2 = torch::rand ({ 10 }).requires_grad_ ();
      Tensor labels = torch::zeros ({ 32 }, torch::kLong);
      return [=] () mutable {
        Tensor hidden = torch::relu (F::linear (x, w1, b1));
        Tensor loss = F::cross_entropy (F::linear (hidden, w2, b2), labels);
        loss.backward ();
        torch::NoGradGuard guard;
        for (Tensor *weight : { &w1, &b1, &w2, &b2 })
          {
            weight->sub_ (weight->grad () * 0.01);
            weight->mutable_grad () = Tensor ();
          }
      };
    }
  if (starts ("matmul-"))
    {
      Tensor a = matrix (std::stoi (name.substr (7))), b = a.clone ();
      return [=] { Tensor c = torch::matmul (a, b); };
    }
  if (name == "softmax-1024x1024")
    {
      Tensor a = matrix (1024);
      return [=] { Tensor c = torch::softmax (a, -1); };
    }

  Tensor a = vector (power ()), b = vector (power ());
  if (starts ("add-"))
    return [=] { Tensor c = a + b; };
  if (starts ("mul-"))
    return [=] { Tensor c = a * b; };
  if (starts ("sum-"))
    return [=] { Tensor c = a.sum (); };
  if (starts ("exp-"))
    return [=] { Tensor c = a.exp (); };
  if (starts ("log-"))
    return [=] { Tensor c = a.log (); };
  if (starts ("tanh-"))
    return [=] { Tensor c = a.tanh (); };
  if (starts ("sigmoid-"))
    return [=] { Tensor c = a.sigmoid (); };
  if (starts ("chain-"))
    return [=] { Tensor c = (a * 3) / (a - 1); };
  return nullptr;
}

static int
prepare (const char *name)
{
  current = find (name);
  return current != nullptr;
}

int
main ()
{
  return bench_serve (prepare, step, nullptr);
}
