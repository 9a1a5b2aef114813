//! Numbers that look random and are the same on every machine.

/// [SplitMix64](https://prng.di.unimi.it/splitmix64.c) by Sebastiano Vigna: one addition and a mix
/// a number, good enough for made-up data, and any number may be its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Makes the numbers of one row: each row has its own, whatever the size of batches.
    pub const fn of_row(seed: u64, table: u64, row: u64) -> Self {
        let mut random = Self(seed);
        random.0 = random.next() ^ table.wrapping_mul(0xA076_1D64_78BD_642F);
        random.0 = random.next() ^ row;
        random
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 up to but not including `end`; 0 where that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // The upper half of the product: no division, and a bias far below what data can show.
        let product = u128::from(self.next()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Returns whether something happens that does so in `percent` of a hundred cases.
    pub fn in_percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Returns one of the texts; an empty text where there are none.
    pub fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        usize::try_from(self.below(texts.len() as u64))
            .ok()
            .and_then(|position| texts.get(position))
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_algorithm() {
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_below_the_end_and_reach_every_value() {
        let mut seen = [0; 7];
        for row in 0..7_000 {
            let value = Random::of_row(1, 2, row).below(7);
            seen[usize::try_from(value).expect("small")] += 1;
        }
        assert!(seen.iter().all(|&count| (800..1200).contains(&count)), "{seen:?}");
        assert_eq!(Random(1).below(0), 0);
    }
}
