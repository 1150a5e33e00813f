/** Lengths of time as people say them. */

/** `0.4 s`, `12 s`, `5 min`, `3 h`. */
export function showLength(length: number): string {
  const seconds = length / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}
