import { z } from 'zod'

const vehicles = z.number().int().min(0).max(100_000)

/** What a traffic counter reports for one observation period (FIWARE Smart Data Models, TrafficFlowObserved). */
export const trafficValues = z
  .object({
    /** vehicles in the observation period, all classes; absent when only other values were good */
    intensity: vehicles.optional(),
    /** km/h; absent when nothing passed */
    averageVehicleSpeed: z.number().min(0).max(200).optional(),
    /** share of the period a vehicle stood over the detector, 0 to 1 */
    occupancy: z.number().min(0).max(1).optional(),
    motorbikes: vehicles.optional(),
    cars: vehicles.optional(),
    buses: vehicles.optional(),
    trucks: vehicles.optional(),
    /** s between two vehicles */
    averageHeadwayTime: z.number().min(0).max(86_400).optional(),
    /** 0 to 1 */
    batteryLevel: z.number().min(0).max(1).optional(),
  })
  .superRefine((values, context) => {
    if (values.intensity === undefined && !Object.values(values).some((value) => value !== undefined))
      context.addIssue({ code: 'custom', message: 'holds no known value of a traffic counter' })
    const { intensity, motorbikes, cars, buses, trucks } = values
    if (intensity === undefined || motorbikes === undefined || cars === undefined) return
    if (buses === undefined || trucks === undefined) return
    const sum = motorbikes + cars + buses + trucks
    if (sum !== intensity)
      context.addIssue({
        code: 'custom',
        path: ['intensity'],
        // which of them is wrong nobody knows
        params: { values: ['intensity', 'motorbikes', 'cars', 'buses', 'trucks'] },
        message: `is ${intensity}, but motorbikes, cars, buses and trucks add up to ${sum}`,
      })
  })

export type TrafficValues = z.infer<typeof trafficValues>
