/** Names that must not be taken for one another. They are what operators wrote, except `EndpointKey`. */
declare const name: unique symbol
type Name<Kind extends string> = string & { readonly [name]: Kind }

export type PoolId = Name<'pool'>
export type RouteId = Name<'route'>
/** What an operator calls an endpoint: unique in the whole gateway, not only in its pool. */
export type EndpointId = Name<'endpoint'>
/**
 * Which endpoint a health fact is about: a hash of URL, monitor and client certificate, 16 hex digits. A changed
 * address is another endpoint and starts anew; a renamed one keeps its health.
 */
export type EndpointKey = Name<'endpoint key'>
/** A vantage, named after its Durable Object location hint: `wnam`, `weur`, … */
export type VantageId = Name<'vantage'>
/** An issuer of tokens, as operators call it. */
export type IssuerId = Name<'issuer'>
/** A trust of certificates, as operators call it. */
export type TrustId = Name<'trust'>
/** Which key set a fact is about: a hash of its kind and URL, and with discovery of its issuer; 16 hex digits. */
export type KeySetKey = Name<'key set'>
/** A release, as operators call it. */
export type ReleaseId = Name<'release'>
/** One isolate of the gateway, random, for its life. */
export type IsolateId = Name<'isolate'>

export const poolId = (value: string): PoolId => value as PoolId
export const routeId = (value: string): RouteId => value as RouteId
export const endpointId = (value: string): EndpointId => value as EndpointId
export const endpointKey = (value: string): EndpointKey => value as EndpointKey
export const vantageId = (value: string): VantageId => value as VantageId
export const releaseId = (value: string): ReleaseId => value as ReleaseId
export const isolateId = (value: string): IsolateId => value as IsolateId
export const issuerId = (value: string): IssuerId => value as IssuerId
export const trustId = (value: string): TrustId => value as TrustId
export const keySetKey = (value: string): KeySetKey => value as KeySetKey
