/**
 * Numbers that carry their unit in the type, so that a share is never added to a duration.
 * Arithmetic yields a bare number; wrap the result again with the constructor of its unit.
 */
declare const unit: unique symbol
type Quantity<Unit extends string> = number & { readonly [unit]: Unit }

/** A length of time in milliseconds. */
export type DurationMs = Quantity<'ms'>
/** A moment in milliseconds of the clock of whoever took it. Moments of two machines are never compared. */
export type Instant = Quantity<'instant'>
/** A size in bytes. */
export type Bytes = Quantity<'bytes'>
/** A share from 0 to 1. */
export type Share = Quantity<'share'>
/** A uniform random number, 0 included and 1 not. Policy takes it as an argument and never rolls one itself. */
export type Draw = Quantity<'draw'>

export const ms = (value: number): DurationMs => value as DurationMs
export const seconds = (value: number): DurationMs => ms(value * 1000)
export const instant = (value: number): Instant => value as Instant
export const bytes = (value: number): Bytes => value as Bytes
export const share = (value: number): Share => value as Share
export const draw = (value: number): Draw => value as Draw

/** The moment `length` after `from`. */
export const after = (from: Instant, length: DurationMs): Instant => instant(from + length)
/** How long it is from `from` to `to`; negative when `to` is earlier. */
export const between = (from: Instant, to: Instant): DurationMs => ms(to - from)
