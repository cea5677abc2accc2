namespace Records.Core

/// What an optimizer keeps of one parameter.
[<NoEquality; NoComparison>]
type OptimizerState<'State> =
    {
        Id: ParamId
        /// The parameter's number of dimensions.
        Rank: int
        State: 'State
    }

/// An optimizer's record: states of AdamState, SgdState, AdaGradState, RmsPropState, or a type of your own, by parameter. Those
/// that have had no gradient yet are not in it. The order is the file's.
[<Recorded; NoEquality; NoComparison>]
type OptimizerRecord<'State> = { States: OptimizerState<'State> list }

/// What Adam and Sgd had of weight decay up to Burn 0.8.
[<Recorded; NoEquality; NoComparison>]
type GradientDecay = { GradLastStep: TensorData }

/// Adam's moments. Time counts the steps of this parameter.
[<Recorded; NoEquality; NoComparison>]
type AdaptiveMomentum =
    {
        Time: uint64
        [<RecordName "moment_1">]
        Moment1: TensorData
        [<RecordName "moment_2">]
        Moment2: TensorData
        [<RecordName "max_moment_2"; BurnSince "0.21">]
        MaxMoment2: TensorData option
    }

/// What Adam and AdamW keep of a parameter. WeightDecay is for files of Burn up to 0.8; others must not have it.
[<Recorded; NoEquality; NoComparison>]
type AdamState =
    {
        [<BurnUntil "0.8">]
        WeightDecay: GradientDecay option
        Momentum: AdaptiveMomentum
    }

/// Sgd's momentum.
[<Recorded; NoEquality; NoComparison>]
type SgdMomentum = { Velocity: TensorData }

/// What Sgd keeps of a parameter: nothing where it has no momentum. WeightDecay is for files of Burn up to 0.8; others must not have it.
[<Recorded; NoEquality; NoComparison>]
type SgdState =
    {
        [<BurnUntil "0.8">]
        WeightDecay: GradientDecay option
        Momentum: SgdMomentum option
    }

/// AdaGrad's sum of squares.
[<Recorded; NoEquality; NoComparison>]
type AdaGradDecay = { Time: uint64; Sum: TensorData }

/// What AdaGrad keeps of a parameter.
[<Recorded; NoEquality; NoComparison>]
type AdaGradState = { LrDecay: AdaGradDecay }

/// RMSProp's average of squares.
[<Recorded; NoEquality; NoComparison>]
type RmsPropSquares = { SquareAvg: TensorData }

/// RMSProp's average for the centered form; GradAvg is there where that is used.
[<Recorded; NoEquality; NoComparison>]
type RmsPropCentered = { GradAvg: TensorData option; Avg: TensorData }

/// RMSProp's momentum.
[<Recorded; NoEquality; NoComparison>]
type RmsPropMomentum = { Buf: TensorData }

/// What RMSProp keeps of a parameter.
[<Recorded; NoEquality; NoComparison>]
type RmsPropState = { SquareAvg: RmsPropSquares; Centered: RmsPropCentered; Momentum: RmsPropMomentum option }
