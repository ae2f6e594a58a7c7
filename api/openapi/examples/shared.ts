import type { Alert } from '#telemetry/alert.ts'
import type { Reading } from '#telemetry/reading.ts'

/** 2026-01-31T08:00:00+07:00, epoch ms */
export const exampleAt = 1_769_821_200_000

/** Stand for the first district of the installation and for its first ward, whose names are put in their place. */
export const exampleDistrict = 'district-1'
export const exampleWard = 'ward-1'
/** a road of the installation that ships with the platform */
export const exampleRoad = 'cmt8'

/** Sensors of the simulated city: the examples can be tried on a fresh platform. */
export const exampleStation = `${exampleDistrict}-air-quality-001`
export const exampleLamp = `${exampleDistrict}-lighting-001`
export const exampleCounter = `${exampleDistrict}-traffic-001`
export const exampleGauge = `${exampleDistrict}-water-level-001`

/** Its reading at {@link exampleAt}. */
export const exampleReading = {
  district: exampleDistrict,
  sensor: exampleStation,
  ts: exampleAt,
  seq: 42,
  kind: 'air-quality',
  values: { pm25: 85.3, pm10: 120.5, temperature: 27.4, relativeHumidity: 0.71 },
} satisfies Reading

/** An alert that nobody has acknowledged. */
export const exampleAlert = {
  id: 'a1b2c3d4e5',
  revision: 1,
  rule: 'high-pm2-5',
  name: { vi: 'PM2.5 cao', en: 'High PM2.5' },
  cause: 'threshold',
  priority: 2,
  kind: 'air-quality',
  sensors: [exampleStation],
  district: exampleDistrict,
  ward: exampleWard,
  group: `${exampleWard}/threshold`,
  value: 85.3,
  valueName: 'pm25',
  limit: 75,
  unit: 'µg/m³',
  unitCode: 'ug/m3',
  raisedAt: exampleAt,
  occurrences: 1,
} satisfies Alert

/** A team, as one to whom an alert is given. */
export const exampleTeam = 'team:7c1d0e4f9a2b3c4d5e'
export const exampleTeamName = 'Đội chiếu sáng'
