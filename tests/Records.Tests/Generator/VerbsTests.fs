module Records.Tests.Generator.VerbsTests

open Expecto
open Records.Samples

let private gives name (run: unit -> 'T) (expected: 'T) =
    testCase name (fun () -> Expect.equal (run ()) expected "")

let private lines (text: string) = text.Trim().ReplaceLineEndings "\n"

let private mlpText =
    lines
        """
Mlp {
  fc1: Linear {d_input: 4, d_output: 3, bias: true, params: 15}
  fc2: Linear {d_input: 3, d_output: 2, bias: true, params: 8}
  activation: Relu
  params: 23
}"""

let private deepText =
    lines
        """
Holder {
  box: Box {
    inside: Mlp {
      fc1: Linear {d_input: 4, d_output: 3, bias: true, params: 15}
      fc2: Linear {d_input: 3, d_output: 2, bias: true, params: 8}
      activation: Relu
      params: 23
    }
    params: 23
  }
  none: Vec<0..0>
  absent: None
  rates: Vec<0..2> {
    0: 1.5
    1: 0.00001
  }
  optional: Mlp {
      fc1: Linear {d_input: 4, d_output: 3, bias: true, params: 15}
      fc2: Linear {d_input: 3, d_output: 2, bias: true, params: 8}
      activation: Relu
      params: 23
    }
  params: 46
}"""

let private constantsText =
    lines
        """
Numbers {
  one: 1
  small: 0.00001
  large: 1000000000000000000000
  tenth: -0.1
  flag: true
  letter: c
  text: text
  count: 7
  nothing: None
  mode: Slow
  not_number: NaN
  infinite: -inf
  middle: 15000000000
}"""

let private kindsText =
    lines
        """
Kinds {
  floats: ParamTensor {rank: 1, shape: [1], kind: float}
  ints: ParamTensor {rank: 2, shape: [2, 1], kind: int}
  params: 3
}"""

let private nestedText =
    lines
        """
Nested {
  fc: Linear {d_input: 1, d_output: 1, bias: true, params: 2}
  down: Deeper {
    weight: ParamTensor {rank: 1, shape: [1], kind: float}
    params: 1
  }
  params: 3
}"""

let tests =
    testList
        "Verbs"
        [
            gives
                "a layer prints in one line"
                Verbs.PrintLinear
                "Linear {d_input: 784, d_output: 128, bias: true, params: 100480}"

            gives "a model prints its tree" Verbs.PrintMlp mlpText

            gives
                "levels indent, an empty list is its header, an optional module indents twice as Burn does"
                Verbs.PrintDeep
                deepText

            gives "constants print as Rust prints them" Verbs.PrintConstants constantsText

            gives "parameters print rank, shape and kind" Kinds.Print kindsText

            testCase "everything prints" (fun () -> Golden.matches "net display" (Verbs.PrintNet()))

            gives "a nested module prints and loads" Outer.Print nestedText

            testCase "a module's own ToString is kept" (fun () ->
                Expect.equal (string (Quiet(Weights.Lazy 1L))) "quiet" "")

            gives "parameters are counted by their shapes" Verbs.Count 23L

            testCase "the schema is JSON" (fun () -> Golden.matches "net schema" (Verbs.NetSchema()))

            gives
                "an enum's schema has its variants in order"
                Verbs.ActSchema
                """{"enum":[["Gelu","const"],["Relu","const"],["PReLU",{"struct":[["alpha","param"]]}],["Dense",{"struct":[["weight","param"],["bias",{"option":"param"}]]}]]}"""

            testCase "visiting follows the order of the file" (fun () ->
                Golden.matches "net visited" (String.concat "\n" (Verbs.Visited())))

            gives
                "mapping asks once for what is shared, keeps ids, changes nothing"
                Verbs.Mapped
                "fc1.weight fc2.bias True True -7 7"

            gives
                "mapping to another shape is an error"
                (Verbs.MappedToOtherShapes >> List.ofArray)
                [ "'weight' is F32 [1], expected F32 [2, 3]."; "'bias' is F32 [1], expected F32 [3]." ]
        ]
