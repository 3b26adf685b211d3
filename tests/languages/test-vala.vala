/* SPDX-FileCopyrightText: 2026 The libgtensor authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tour in Vala: the library through its .vapi. */
int main () {
  try {
    var x = Gten.ones ({ 2, 2 }, Gten.Dtype.FLOAT32, null);
    x.requires_grad_ (true);
    var updates = 0;
    x.grad_updated.connect ((grad) => { updates++; });

    var y = x.add_scalar (2);
    var z = y.mul (y).mul_scalar (3);
    var loss = z.mean ();
    assert (loss.to_string () == "tensor(27., grad_fn=<MeanBackward0>)");

    var backward = new Gten.Backward (loss, null, Gten.BackwardFlags.DEFAULT);
    string[] names = {};
    while (backward.step ())
      names += backward.get_node ().get_name ();
    assert (names[0] == "MeanBackward0" && names[names.length - 1] == "AccumulateGrad");
    assert (updates == 1);
    assert (x.get_grad ().get_doubles ()[3] == 4.5);
    assert (x.get_shape ().length == 2);

    try {
      x.add (Gten.ones ({ 3 }, Gten.Dtype.FLOAT32, null));
      assert_not_reached ();
    } catch (Gten.Error.SHAPE error) {
      assert ("must match the size" in error.message);
    }
  } catch (Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
  print ("1..1\nok 1 - the tour in Vala\n");
  return 0;
}
