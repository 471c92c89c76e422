/** @file In which ninth of the picture a map has most of its mass. */
import { places, type Place } from "../debug/evidence.js";
import { mapSide } from "./record.js";

/** Thirds across or down. */
const thirds = [0, 1, 2] as const;
const centre = places.indexOf("centre");
/** Less than this is rounding. */
const rounding = 1e-9;

/** Per third, the share of each row or column of cells that lies in it. */
const overlaps = thirds.map((third) => Float64Array.from({ length: mapSide }, (_, cell) => Math.max(0, Math.min(cell + 1, (mapSide * (third + 1)) / 3) - Math.max(cell, (mapSide * third) / 3))));

/** The ninth with the most mass of a map of `mapSide * mapSide` values, by its index in `places` and its name, and the mass in it. Equal ones: the centre, else the first. */
export function ninthsOf(map: ArrayLike<number>): { readonly at: number; readonly place: Place; readonly mass: number } {
  const masses = thirds.flatMap((down) => thirds.map((across) => {
    let mass = 0;
    for (let cell = 0; cell < mapSide * mapSide; cell++) mass += map[cell]! * overlaps[down]![Math.floor(cell / mapSide)]! * overlaps[across]![cell % mapSide]!;
    return mass;
  }));
  const at = masses.reduce((best, mass, i) => (mass > masses[best]! + rounding ? i : best), centre);
  return { at, place: places[at]!, mass: masses[at]! };
}
