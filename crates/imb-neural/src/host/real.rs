//! The number types of the kernels: f32 for training, f64 for checking gradients.

use pulp::Simd;

/// A type of number, with its vector type and operations.
pub(crate) trait Real: Copy + Default + Send + Sync + 'static {
    type Vector<S: Simd>: Copy;

    fn from_f64(number: f64) -> Self;
    fn to_f64(self) -> f64;
    fn plus(self, other: Self) -> Self;
    /// The numbers as whole vectors; a remainder is left out.
    fn vectors<S: Simd>(numbers: &[Self]) -> &[Self::Vector<S>];
    fn vectors_mut<S: Simd>(numbers: &mut [Self]) -> &mut [Self::Vector<S>];

    fn splat<S: Simd>(simd: S, number: Self) -> Self::Vector<S>;
    fn add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn mul<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// a · b + c, fused if the processor can.
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    fn div<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn sqrt<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// `above` in the lanes where `sign` is positive, `below` in the others.
    fn by_sign<S: Simd>(
        simd: S,
        sign: Self::Vector<S>,
        above: Self::Vector<S>,
        below: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// The same with 0 in the lanes whose number is denormal: processors take many times as long for those.
    fn flushed<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// The sum of a vector's numbers.
    fn sum<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
}

macro_rules! real {
    (
        $real:ident, $vector:ident, $vectors:ident, $vectors_mut:ident, $splat:ident, $add:ident,
        $mul:ident, $mul_add:ident, $div:ident, $sqrt:ident, $abs:ident, $less:ident, $greater:ident, $select:ident,
        $sum:ident
    ) => {
        impl Real for $real {
            type Vector<S: Simd> = S::$vector;

            fn from_f64(number: f64) -> Self {
                number as $real
            }

            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }

            #[inline(always)]
            fn vectors<S: Simd>(numbers: &[Self]) -> &[S::$vector] {
                S::$vectors(numbers).0
            }

            #[inline(always)]
            fn vectors_mut<S: Simd>(numbers: &mut [Self]) -> &mut [S::$vector] {
                S::$vectors_mut(numbers).0
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, number: Self) -> S::$vector {
                simd.$splat(number)
            }

            #[inline(always)]
            fn add<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn mul<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$mul(a, b)
            }

            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn div<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$div(a, b)
            }

            #[inline(always)]
            fn sqrt<S: Simd>(simd: S, a: S::$vector) -> S::$vector {
                simd.$sqrt(a)
            }

            #[inline(always)]
            fn by_sign<S: Simd>(
                simd: S,
                sign: S::$vector,
                above: S::$vector,
                below: S::$vector,
            ) -> S::$vector {
                simd.$select(simd.$greater(sign, simd.$splat(0.0)), above, below)
            }

            #[inline(always)]
            fn flushed<S: Simd>(simd: S, a: S::$vector) -> S::$vector {
                let is_denormal = simd.$less(simd.$abs(a), simd.$splat(<$real>::MIN_POSITIVE));
                simd.$select(is_denormal, simd.$splat(0.0), a)
            }

            #[inline(always)]
            fn sum<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$sum(a)
            }
        }
    };
}

real!(
    f32,
    f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    add_f32s,
    mul_f32s,
    mul_add_e_f32s,
    div_f32s,
    sqrt_f32s,
    abs_f32s,
    less_than_f32s,
    greater_than_f32s,
    select_f32s,
    reduce_sum_f32s
);
real!(
    f64,
    f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    add_f64s,
    mul_f64s,
    mul_add_e_f64s,
    div_f64s,
    sqrt_f64s,
    abs_f64s,
    less_than_f64s,
    greater_than_f64s,
    select_f64s,
    reduce_sum_f64s
);
