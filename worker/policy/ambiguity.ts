/** Ambiguities of paths as bits, so that a request's and a route's compare at once. */
import { PATH_AMBIGUITIES, type PathAmbiguity } from '../../config/match.ts'

/** A set of `PathAmbiguity`; 0 is a path that everybody reads alike. */
export type Ambiguities = number

const bitOf = (ambiguity: PathAmbiguity): Ambiguities => 1 << PATH_AMBIGUITIES.indexOf(ambiguity)

export const bitsOf = (ambiguities: readonly PathAmbiguity[] = []): Ambiguities => ambiguities.reduce((bits, each) => bits | bitOf(each), 0)

export const namesOf = (bits: Ambiguities): readonly PathAmbiguity[] => PATH_AMBIGUITIES.filter((each) => (bits & bitOf(each)) !== 0)
