namespace Records.Core

/// What values a new parameter starts with, by Burn's names and formulas.
[<RequireQualifiedAccess>]
type Initializer =
    | Constant of Value: float
    | Ones
    | Zeros
    | Uniform of Min: float * Max: float
    | Normal of Mean: float * Deviation: float
    /// Uniform within gain * sqrt(3 / fan), the fan being the outgoing one when FanOutOnly.
    | KaimingUniform of Gain: float * FanOutOnly: bool
    /// Normal with deviation gain / sqrt fan, the fan being the outgoing one when FanOutOnly.
    | KaimingNormal of Gain: float * FanOutOnly: bool
    /// Uniform within gain * sqrt(6 / (fan in + fan out)).
    | XavierUniform of Gain: float
    /// Normal with deviation gain * sqrt(2 / (fan in + fan out)).
    | XavierNormal of Gain: float
    /// Gain times a (semi) orthogonal matrix of the first dimension by all the others.
    | Orthogonal of Gain: float

/// How many values come into one output, and how many outputs one input reaches. Some initialisers need to know.
type Fan = { In: int64 option; Out: int64 option }

[<RequireQualifiedAccess>]
module Initializer =

    /// Nothing is known of the fan.
    let noFan: Fan = { In = None; Out = None }

    let private needed name (fan: int64 option) =
        match fan with
        | Some fan when fan > 0L -> float fan
        | Some fan -> invalidArg name $"The {name} is {fan}, and this initializer divides by it."
        | None -> invalidArg name $"This initializer needs to know the {name}."

    let private kaiming fanOutOnly (fan: Fan) =
        1.0
        / sqrt (
            if fanOutOnly then
                needed "fan out" fan.Out
            else
                needed "fan in" fan.In
        )

    let private xavier (fan: Fan) =
        sqrt (2.0 / (needed "fan in" fan.In + needed "fan out" fan.Out))

    let private orthogonal (gain: float) (dims: int64 list) count seed =
        let rows = int dims.Head
        let columns = if rows = 0 then 0 else count / rows
        let long, short = max rows columns, min rows columns
        let drawn = Seed.normal 0.0 1.0 count seed |> Array.map float

        let basis =
            if count = 0 then
                drawn
            else
                Blas.orthonormal long short drawn

        // The basis lies column by column, and its columns are the shorter side: as they are they make the rows of a wide
        // matrix; a tall one takes them crosswise.
        Array.init count (fun index ->
            let value =
                if rows < columns then
                    basis[index]
                else
                    basis[index % columns * rows + index / columns]

            float32 (gain * value))

    // Checks what it can at once, so that a missing fan is reported by the call that forgot it, not by the first use.
    let private drawing (fan: Fan) (shape: Shape) (initializer: Initializer) : int -> Seed -> float32[] =
        let uniform limit = Seed.uniform -limit limit
        let constant (value: float) count _ = Array.create count (float32 value)

        match initializer with
        | Initializer.Constant value -> constant value
        | Initializer.Ones -> constant 1.0
        | Initializer.Zeros -> constant 0.0
        | Initializer.Uniform(low, high) -> Seed.uniform low high
        | Initializer.Normal(mean, deviation) -> Seed.normal mean deviation
        | Initializer.KaimingUniform(gain, fanOutOnly) -> uniform (sqrt 3.0 * gain * kaiming fanOutOnly fan)
        | Initializer.KaimingNormal(gain, fanOutOnly) -> Seed.normal 0.0 (gain * kaiming fanOutOnly fan)
        | Initializer.XavierUniform gain -> uniform (sqrt 3.0 * gain * xavier fan)
        | Initializer.XavierNormal gain -> Seed.normal 0.0 (gain * xavier fan)
        | Initializer.Orthogonal gain ->
            let dims = Shape.dims shape

            if dims.Length < 2 then
                invalidArg (nameof shape) $"An orthogonal matrix has two dimensions or more, not {Shape.text shape}."

            orthogonal gain dims

    let private single (shape: Shape) (draw: int -> Seed -> float32[]) seed =
        let values = draw (int (Shape.count shape)) seed
        { Dtype = Dtype.F32; Shape = shape; Bytes = View.ofArray values }

    let private demandOneArray (shape: Shape) =
        if Shape.count shape > int64 System.Array.MaxLength then
            invalidArg (nameof shape) $"{Shape.text shape} is more than one array can hold."

    /// An F32 tensor with values drawn from the seed. Throws when the initialiser needs a fan that is not given.
    let draw (seed: Seed) (fan: Fan) (shape: Shape) (initializer: Initializer) : TensorData =
        demandOneArray shape
        single shape (drawing fan shape initializer) seed

    /// A parameter whose id is drawn from the seed now, and its values when first asked for. Throws when the initialiser
    /// needs a fan that is not given.
    let parameter (seed: Seed) (fan: Fan) (shape: Shape) (initializer: Initializer) : Parameter =
        demandOneArray shape
        let draw = drawing fan shape initializer
        let id = ParamId.ofUInt64 (Seed.bits 0L seed)
        let values = Seed.child 1L seed
        Parameter(id, Dtype.F32, shape, fun () -> single shape draw values)
