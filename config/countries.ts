/**
 * Where the people of each country are, roughly, in whole degrees: of a large country the point is nearer to its cities than to its
 * middle. Good for telling which region is nearer, and for nothing finer. The codes are ISO 3166-1's.
 */
import type { CountryPlaces } from './steering.ts'

/** Each entry: a country, its latitude, its longitude. */
const TABLE = `
  AD 43 2, AE 25 55, AF 34 68, AG 17 -62, AI 18 -63, AL 41 20, AM 40 45, AO -10 15, AQ -75 0, AR -34 -60, AS -14 -171, AT 48 15, AU -34 148,
  AW 13 -70, AX 60 20, AZ 40 49, BA 44 18, BB 13 -60, BD 24 90, BE 51 4, BF 12 -2, BG 43 24, BH 26 51, BI -3 30, BJ 7 2, BL 18 -63,
  BM 32 -65, BN 5 115, BO -17 -66, BQ 12 -68, BR -20 -46, BS 25 -77, BT 27 90, BV -54 3, BW -24 26, BY 53 28, BZ 17 -88, CA 46 -79,
  CC -12 97, CD -5 21, CF 5 19, CG -4 15, CH 47 8, CI 6 -5, CK -21 -160, CL -33 -71, CM 4 11, CN 32 114, CO 5 -75, CR 10 -84, CU 22 -80,
  CV 15 -24, CW 12 -69, CX -10 106, CY 35 33, CZ 50 15, DE 51 9, DJ 12 43, DK 56 11, DM 15 -61, DO 19 -70, DZ 36 3, EC -1 -79, EE 59 25,
  EG 30 31, EH 25 -14, ER 15 39, ES 40 -3, ET 9 39, FI 61 25, FJ -18 178, FK -52 -59, FM 7 158, FO 62 -7, FR 48 3, GA 0 10, GB 52 -1,
  GD 12 -62, GE 42 44, GF 5 -53, GG 49 -3, GH 6 -1, GI 36 -5, GL 64 -51, GM 13 -16, GN 10 -12, GP 16 -62, GQ 3 9, GR 38 23, GS -54 -37,
  GT 15 -91, GU 13 145, GW 12 -15, GY 6 -58, HK 22 114, HM -53 74, HN 15 -87, HR 45 16, HT 19 -72, HU 47 19, ID -7 110, IE 53 -7, IL 32 35,
  IM 54 -5, IN 22 79, IO -7 72, IQ 33 44, IR 35 51, IS 64 -21, IT 43 12, JE 49 -2, JM 18 -77, JO 32 36, JP 36 138, KE -1 37, KG 42 74,
  KH 12 105, KI 1 173, KM -12 44, KN 17 -63, KP 39 126, KR 37 127, KW 29 48, KY 19 -81, KZ 46 72, LA 18 103, LB 34 36, LC 14 -61, LI 47 10,
  LK 7 80, LR 6 -11, LS -29 28, LT 55 24, LU 50 6, LV 57 25, LY 32 15, MA 33 -7, MC 44 7, MD 47 29, ME 42 19, MF 18 -63, MG -19 47,
  MH 7 171, MK 42 21, ML 13 -7, MM 18 96, MN 48 106, MO 22 114, MP 15 146, MQ 15 -61, MR 18 -15, MS 17 -62, MT 36 14, MU -20 58, MV 4 73,
  MW -14 34, MX 20 -100, MY 3 102, MZ -19 35, NA -22 17, NC -22 166, NE 14 5, NF -29 168, NG 8 6, NI 12 -86, NL 52 5, NO 60 10, NP 28 85,
  NR -1 167, NU -19 -170, NZ -38 175, OM 23 58, PA 9 -80, PE -12 -76, PF -18 -150, PG -6 146, PH 14 121, PK 31 72, PL 52 19, PM 47 -56,
  PN -25 -130, PR 18 -66, PS 32 35, PT 39 -9, PW 7 134, PY -25 -57, QA 25 51, RE -21 56, RO 45 26, RS 44 21, RU 56 45, RW -2 30, SA 24 45,
  SB -9 160, SC -5 55, SD 15 32, SE 59 16, SG 1 104, SH -16 -6, SI 46 15, SJ 78 16, SK 49 19, SL 8 -12, SM 44 12, SN 15 -17, SO 2 45,
  SR 6 -55, SS 5 31, ST 0 7, SV 14 -89, SX 18 -63, SY 35 37, SZ -26 31, TC 22 -72, TD 12 15, TF -49 70, TG 6 1, TH 14 101, TJ 39 69,
  TK -9 -172, TL -9 126, TM 38 58, TN 36 10, TO -21 -175, TR 40 31, TT 10 -61, TV -9 179, TW 24 121, TZ -6 37, UA 49 31, UG 0 33,
  UM 19 167, US 38 -93, UY -35 -56, UZ 41 67, VA 42 12, VC 13 -61, VE 10 -67, VG 18 -65, VI 18 -65, VN 16 107, VU -17 168, WF -13 -176,
  WS -14 -172, XK 43 21, YE 15 45, YT -13 45, ZA -28 28, ZM -15 28, ZW -18 31`

/** Needed when a configuration is compiled; Workers are given it only where a pool uses it. */
export const COUNTRY_PLACES: CountryPlaces = Object.fromEntries(TABLE.split(',').map(readEntry))

function readEntry(entry: string): readonly [string, readonly [number, number]] {
  const [code = '', latitude, longitude] = entry.trim().split(' ')
  return [code, [Number(latitude), Number(longitude)]]
}

/** What the platform says of a client whose country it does not know, and of one that comes through Tor. */
const NO_COUNTRY = ['XX', 'T1']

/** Every code that a client's country may have. */
export const COUNTRY_CODES: readonly string[] = [...Object.keys(COUNTRY_PLACES), ...NO_COUNTRY]

export const CONTINENT_CODES = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'] as const
