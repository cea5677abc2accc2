module Records.Tests.Nn.AttentionTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let private projection inputs outputs seed : Projection =
    { Weight = dense [ inputs; outputs ] seed; Bias = Some(dense [ outputs ] (Seed.child 9L seed)) }

let private attention heads keyHeads quiet : Attention =
    let seed index = Seed.child index (Seed 3UL)

    {
        Query = projection 4 (heads * 2) (seed 0L)
        Key = projection 4 (keyHeads * 2) (seed 1L)
        Value = projection 4 (keyHeads * 2) (seed 2L)
        Output = projection (heads * 2) 4 (seed 3L)
        Heads = heads
        KeyHeads = keyHeads
        Scale = 0.7
        MinFloat = -1e4
        QuietSoftmax = quiet
    }

let private run attention mask query other =
    let struct (context, weights) = Attention.forward attention mask query other other
    context, weights

let tests =
    testList
        "attention"
        [
            testCase "weights of a query add up to one, or to less where a head may see nothing" (fun () ->
                let query, other = dense [ 2; 3; 4 ] (Seed 1UL), dense [ 2; 5; 4 ] (Seed 2UL)

                for quiet in [ false; true ] do
                    let _, weights = run (attention 2 1 quiet) Attention.unmasked query other
                    Expect.equal (List.ofArray weights.Shape) [ 2; 2; 3; 5 ] "[batch, heads, queries, keys]"

                    for row in Array.chunkBySize 5 weights.Values do
                        let sum = Array.sumBy float row

                        if quiet then
                            Expect.isLessThan sum 1.0 "less"
                        else
                            Expect.floatClose Accuracy.medium sum 1.0 "one")

            testCase "what is masked is not seen" (fun () ->
                let query, other = dense [ 2; 3; 4 ] (Seed 1UL), dense [ 2; 5; 4 ] (Seed 2UL)
                // The last place of the second sequence.
                let padding = Array.init 10 (fun index -> index = 9)
                let changed = { other with Values = Array.mapi (fun i x -> if i >= 36 then 7.0f else x) other.Values }
                let mask = { Attention.unmasked with Padding = Some padding }
                let expected, _ = run (attention 2 2 false) mask query other
                let actual, weights = run (attention 2 2 false) mask query changed
                Expect.equal actual.Values expected.Values "whatever stands there"
                Expect.equal weights.Values[weights.Values.Length - 1] 0.0f "and weighs nothing"
                let unmasked, _ = run (attention 2 2 false) Attention.unmasked query changed
                Expect.notEqual unmasked.Values actual.Values "unlike without a mask"
                // The same, said for each query.
                let pairs = Array.init 30 (fun index -> index >= 15 && index % 5 = 4)
                let paired, _ = run (attention 2 2 false) { Attention.unmasked with Pairs = Some pairs } query changed
                Expect.equal paired.Values actual.Values "by pairs")

            testCase "shapes that do not meet are refused" (fun () ->
                let query, other = dense [ 2; 3; 4 ] (Seed 1UL), dense [ 2; 5; 4 ] (Seed 2UL)
                let full = attention 2 2 false

                let go attention mask query other =
                    fun () -> run attention mask query other

                refused (go full Attention.unmasked (dense [ 3; 4 ] (Seed 1UL)) other) "two dimensions"
                refused (go full Attention.unmasked (dense [ 1; 3; 4 ] (Seed 1UL)) other) "another batch"
                refused (go { full with Heads = 3 } Attention.unmasked query other) "heads that do not divide"
                refused (go { full with Heads = 0 } Attention.unmasked query other) "no heads"
                refused (go full { Attention.unmasked with Padding = Some [| true |] } query other) "a short mask"
                refused (go full { Attention.unmasked with Pairs = Some [| true |] } query other) "another")
        ]
