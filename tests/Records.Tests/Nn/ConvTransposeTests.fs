module Records.Tests.Nn.ConvTransposeTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let private dot (left: Dense) (right: Dense) =
    Array.fold2 (fun sum a b -> sum + float a * float b) 0.0 left.Values right.Values

/// A window, its way back, and a size along one axis.
let private axis seed index =
    let pick offset low high =
        pick (Seed seed) (index * 10 + offset) low high

    let kernel, stride, dilation = pick 0 1 3, pick 1 1 3, pick 2 1 2
    let padding = pick 3 0 (kernel - 1)
    let span = dilation * (kernel - 1) + 1
    let size = span + pick 4 0 4
    let beyond = (size + 2 * padding - span) % stride

    Window.create kernel stride dilation (Padding.Explicit(padding, padding)),
    Stretch.create kernel stride dilation padding beyond,
    size

let tests =
    testList
        "transposed convolution"
        [
            testCase "it is the adjoint of the convolution with the same weight" (fun () ->
                for seed in 1UL .. 60UL do
                    let groups = pick (Seed seed) 90 1 2
                    let inputs, outputs = groups * pick (Seed seed) 91 1 2, groups * pick (Seed seed) 92 1 2
                    let axes = [ for index in 0..2 -> axis seed index ]
                    let sizes = [ for _, _, size in axes -> size ]
                    let kernel = [ for window, _, _ in axes -> window.Kernel ]
                    let weight = dense ([ outputs; inputs / groups ] @ kernel) (Seed.child 1L (Seed seed))
                    let input = dense ([ 1; inputs ] @ sizes) (Seed.child 2L (Seed seed))

                    match axes with
                    | [ deep, z, _; vertical, y, _; horizontal, x, _ ] ->
                        let seen = Conv.forward3d deep vertical horizontal groups weight None input
                        let other = dense (List.ofArray seen.Shape) (Seed.child 3L (Seed seed))
                        let back = ConvTranspose.forward3d z y x groups weight None other
                        Expect.equal back.Shape input.Shape $"seed {seed}: the shape of the input"

                        Expect.isLessThan
                            (abs (dot seen other - dot input back))
                            1e-3
                            $"seed {seed}: <conv x, y> = <x, back y>"
                    | _ -> failtest "three axes")

            testCase "of two axes and of one it is that of three" (fun () ->
                let weight = dense [ 2; 3; 1; 2; 3 ] (Seed 1UL)
                let input = dense [ 2; 2; 1; 4; 5 ] (Seed 2UL)
                let bias = Some(dense [ 3 ] (Seed 3UL))
                let one = Stretch.create 1 1 1 0 0
                let y, x = Stretch.create 2 2 1 1 1, Stretch.create 3 2 2 0 0
                let expected = ConvTranspose.forward3d one y x 1 weight bias input

                let flat (dense: Dense) : Dense =
                    { dense with Shape = Array.append dense.Shape[..1] dense.Shape[3..] }

                let actual = ConvTranspose.forward2d y x 1 (flat weight) bias (flat input)
                Expect.equal actual.Values expected.Values "two"
                let weight, input = dense [ 2; 3; 1; 3 ] (Seed 1UL), dense [ 2; 2; 1; 5 ] (Seed 2UL)
                let expected = ConvTranspose.forward2d one x 1 weight bias input

                let flat (dense: Dense) : Dense =
                    { dense with Shape = Array.append dense.Shape[..1] dense.Shape[3..] }

                let actual = ConvTranspose.forward1d x 1 (flat weight) bias (flat input)
                Expect.equal actual.Values expected.Values "one")

            testCase "mistakes are refused" (fun () ->
                let x = Stretch.create 3 2 1 0 0
                let weight, input = dense [ 4; 2; 3 ] (Seed 1UL), dense [ 1; 4; 5 ] (Seed 2UL)

                let run axis groups weight bias input =
                    fun () -> ConvTranspose.forward1d axis groups weight bias input

                refused (run x 3 weight None input) "groups that do not divide"
                refused (run x 0 weight None input) "no groups"
                refused (run x 1 (dense [ 4; 2; 2 ] (Seed 1UL)) None input) "another kernel"
                refused (run x 1 weight (Some(dense [ 3 ] (Seed 1UL))) input) "another bias"
                refused (run x 1 weight None (dense [ 1; 3; 5 ] (Seed 1UL))) "other channels"
                refused (run x 1 weight None (dense [ 4; 5 ] (Seed 1UL))) "two dimensions"
                refused (run (Stretch.create 3 1 1 4 0) 1 weight None input) "nothing left"
                refused (fun () -> Stretch.create 0 1 1 0 0) "no kernel"
                refused (fun () -> Stretch.create 1 1 1 -1 0) "a negative padding")
        ]
