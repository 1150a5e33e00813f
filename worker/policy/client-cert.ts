/** `Client-Cert` and `Client-Cert-Chain` (RFC 9440): DER as binary items of structured fields (RFC 9651 section 3.3.5). */
import type { HeaderPair } from '../../config/action.ts'
import type { VerifiedCertificate } from './identity.ts'

/** The chain is left out where none came (RFC 9440 section 2.3): an empty list is no field. */
export function writeClientCert({ leaf, chain }: VerifiedCertificate): readonly HeaderPair[] {
  const own: HeaderPair = ['client-cert', binaryItem(leaf)]
  return chain.length === 0 ? [own] : [own, ['client-cert-chain', chain.map(binaryItem).join(', ')]]
}

/** `base64`: canonical, with its padding. */
export const binaryItem = (base64: string): string => `:${base64}:`
