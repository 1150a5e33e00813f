/** How octets are written as text: names of keys, fingerprints, signatures. */

/** Lower-case hex digits, two for each octet. */
export const hexOf = (octets: Uint8Array): string => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
