/** Base64 (RFC 4648 section 4) as octets. Undefined for anything else. */
export function octetsOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(base64)
    const octets = new Uint8Array(binary.length)
    for (let index = 0; index < octets.length; index += 1) octets[index] = binary.charCodeAt(index)
    return octets
  } catch {
    return undefined
  }
}

/** The opposite of `octetsOf`. */
export const base64Of = (octets: Uint8Array): string => btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''))
