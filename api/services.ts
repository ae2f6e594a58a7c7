import { PlacementReader } from '#history/placements.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import { createAlertsClient } from './alerts-client/alerts-client.ts'
import { SeenReports } from './alerts-client/seen-reports.ts'
import { openAuditLog } from './audit-log/audit-log.ts'
import { LampCommands } from './commands/lamp-commands.ts'
import { LampOverrides } from './commands/lamp-overrides.ts'
import { Corrections } from './corrections/corrections.ts'
import { apiMetrics } from './metrics.ts'
import { DeviceRefusals } from './mqtt/device-refusals.ts'
import type { ApiOptions } from './options.ts'
import { PlatformHealth } from './platform-health.ts'
import { SensorRegistry } from './sensors/sensor-registry.ts'
import { ShiftLog } from './shift-log/shift-log.ts'
import { SnapshotSeal } from './shift-log/snapshot-seal.ts'
import { startAuthentication } from './sign-in/authentication.ts'
import { RefusedSignIns } from './sign-in/refused-sign-ins.ts'

/** What lives as long as the api, and what the routes and the live feed share. */
export type ApiServices = Awaited<ReturnType<typeof startServices>>

/** Opens what the routes and the live feed share. */
export async function startServices(options: ApiOptions, steady: SteadyClock) {
  const { store, log, adminToken, loginToken, maxSensors } = options
  const { clock = steady.now } = options
  const metrics = apiMetrics(options.registry)
  const sensors = new SensorRegistry({ metrics, ...(maxSensors === undefined ? {} : { max: maxSensors }) })
  const health = new PlatformHealth(clock, options.faults, () => steady.offMs)
  const auditLog = await openAuditLog({ store, folder: options.auditLogDir, metrics, log, clock })
  const refusedSignIns = new RefusedSignIns(auditLog, clock)
  const { close, ...authentication } = await startAuthentication({ store, log, clock, adminToken, loginToken })
  const openId = options.openId && new (await import('./sign-in/openid.ts')).OpenId(options.openId, adminToken, clock)
  const alerts = createAlertsClient(options.mqtt, { metrics, log })
  const seenReports = new SeenReports({ alerts, metrics, log })
  const refusals = new DeviceRefusals({ metrics })
  const overrides = new LampOverrides({ store, sensors, metrics, log, clock })
  const commands = new LampCommands({
    ...{ sensors, health, auditLog, overrides, metrics, clock },
    answerMs: options.commandAnswerMs,
  })
  const shiftLog = new ShiftLog({ store, metrics, log, clock })
  const placements = new PlacementReader({ store, sensors: () => sensors.list(), clock })
  const corrections = new Corrections({
    ...{ store, metrics, log, clock },
    needConfirmation: options.correctionsNeedConfirmation ?? false,
  })
  overrides.open()
  corrections.open()
  // not waited for: a file of an older release is brought up to date first
  void shiftLog.open()
  const snapshotSeal = new SnapshotSeal(adminToken)
  return {
    ...{ clock, metrics, sensors, health, auditLog, refusedSignIns, ...authentication },
    ...{ openId, alerts, seenReports, refusals, commands, overrides, shiftLog, snapshotSeal, placements, corrections },
    /** Stops following the store; what the audit log holds is written. To be called once nothing is asked any more. */
    async close(): Promise<void> {
      close()
      seenReports.close()
      shiftLog.close()
      await corrections.close()
      await refusedSignIns.close()
      await overrides.close()
      await auditLog.close()
    },
  }
}
