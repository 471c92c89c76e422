/** @file Options of vision configs that are pairs or lists. */
import { isSide, present, wrongField, type Fields } from "../../../preprocess/fields.js";

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** Height and width; one number stands for both. Throws `descriptionInvalid`. */
export function pairOption(config: Fields, key: string, fallback: number): readonly [height: number, width: number] {
  const value = present(config, key) ?? fallback;
  const [height, width = height, ...more]: readonly unknown[] = Array.isArray(value) ? value : [value];
  return isSide(height) && isSide(width) && more.length === 0 ? [height, width] : wrongField(config, key, "it must be a size in pixels, or a height and a width");
}

/** Sizes, one per stage. Throws `descriptionInvalid`. */
export function sizesOption(config: Fields, key: string, fallback: readonly number[]): readonly number[] {
  const value = present(config, key) ?? fallback;
  return Array.isArray(value) && value.length > 0 && value.every(isSize) ? value : wrongField(config, key, "it must be a list of whole numbers above 0");
}

/** How many patches the image has. Throws `descriptionInvalid` where the image is smaller than a patch. */
export function patchGrid(config: Fields, image: readonly [number, number], patch: readonly [number, number]): readonly [rows: number, columns: number] {
  const [rows, columns] = [Math.floor(image[0] / patch[0]), Math.floor(image[1] / patch[1])];
  return rows > 0 && columns > 0 ? [rows, columns] : wrongField(config, "patch_size", "the image is smaller than a patch");
}
