import { describe, expect, it } from 'vitest';
import { gapsOf, parseReadings, powerLine } from './readings';
import { moved, zoomed } from './readingsOption';

const header = 'device_id,device_name,timestamp,measurement_value_kwh';

describe('the service’s readings', () => {
  it('are turned into the order of time, whatever the device is called', () => {
    const csv = `${header}\r\n1,"Pump, old",2026-11-26T12:01:00+01:00,0.02\r\n1,"Pump, old",2026-11-26T12:00:00+01:00,0.01\r\n`;

    expect(parseReadings(csv)).toEqual([
      { timestamp: '2026-11-26T12:00:00+01:00', energy: 0.01 },
      { timestamp: '2026-11-26T12:01:00+01:00', energy: 0.02 },
    ]);
  });

  it('of a register have its value, and seconds once the next one is there', () => {
    const csv = `device_id,device_name,timestamp,timestamp_utc,measurement_value_kwh,register_value_kwh,interval_seconds
1,Pump,2026-11-26T13:10:00+01:00,2026-11-26T12:10:00Z,0,100.7,
1,Pump,2026-11-26T12:00:00+01:00,2026-11-26T11:00:00Z,0.7,100,4200
`;

    const readings = parseReadings(csv);
    expect(readings).toEqual([
      { timestamp: '2026-11-26T12:00:00+01:00', energy: 0.7, register: 100, seconds: 4200 },
      { timestamp: '2026-11-26T13:10:00+01:00', energy: 0, register: 100.7 },
    ]);
    // Over an hour without a reading is no gap, and the power until the next reading isn't known.
    const [from, to] = [Date.parse('2026-11-26T11:00:00Z'), Date.parse('2026-11-26T12:10:00Z')] as const;
    expect(powerLine(readings, 600, [from, to])).toEqual([[from, 0.6]]);
    expect(gapsOf(powerLine(readings, 600, [from, to + 3_600_000]))).toEqual([[to, to + 3_600_000]]);
  });

  it('may be none', () => {
    expect(parseReadings(`${header}\n`)).toEqual([]);
  });

  it('are not made up from anything else', () => {
    expect(() => parseReadings('<html>')).toThrow(TypeError);
  });
});

describe('the line', () => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 10, 26, 0, minutes)).toISOString();
  const readings = [0, 1, 2, 30, 31].map((minutes) => ({ timestamp: at(minutes), energy: 0.05 }));

  it('is of average power, interrupted where readings are missing', () => {
    const line = powerLine(readings, 60, [Date.parse(at(0)), Date.parse(at(32))]);

    expect(line.map(([, kw]) => kw)).toEqual([3, 3, 3, null, 3, 3]);
    expect(gapsOf(line)).toEqual([[Date.parse(at(3)), Date.parse(at(30))]]);
  });

  it('is interrupted where the time that it is of begins and ends without readings', () => {
    const line = powerLine(readings.slice(0, 3), 60, [Date.parse(at(-10)), Date.parse(at(60))]);

    expect(gapsOf(line)).toEqual([
      [Date.parse(at(-10)), Date.parse(at(0))],
      [Date.parse(at(3)), Date.parse(at(60))],
    ]);
  });

  it('bears a reading that is late by less than half an interval', () => {
    expect(powerLine(readings.slice(0, 2), 45, [Date.parse(at(0)), Date.parse(at(2))]).every(([, kw]) => kw !== null)).toBe(true);
  });
});

describe('zooming', () => {
  it('keeps the middle and stays within the whole', () => {
    expect(zoomed([0, 100], 0.5, [0, 100])).toEqual([25, 75]);
    expect(zoomed([80, 100], 2, [0, 100])).toEqual([60, 100]);
    expect(zoomed([10, 90], 2, [0, 100])).toEqual([0, 100]);
  });

  it('moves by half of what is seen', () => {
    expect(moved([40, 60], 1, [0, 100])).toEqual([50, 70]);
    expect(moved([0, 20], -1, [0, 100])).toEqual([0, 20]);
  });
});
