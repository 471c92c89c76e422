/** @file What the page of one model does and knows: its summary, the form that describes it, and the thumbnails of an image. Knows nothing of VS Code. */
import { toWhylightError, WhylightError } from "../../engine/errors.js";
import type { ModelSummary } from "../../protocol/api.js";
import type { ModelPageState, StatedDescription } from "../../protocol/modelPage.js";
import type { DescriptionFile, LayerThumbnail, ModelCard } from "../../protocol/models.js";
import { createPace, failureOf, ownBytes, type PageWorld } from "../sessionWorld.js";
import { sidecarText } from "./sidecarText.js";

/** What the session needs of the world. */
export interface ModelWorld extends PageWorld {
  readonly show: (state: ModelPageState) => void;
  readonly showThumbnails: (run: number, layers: readonly LayerThumbnail[]) => void;
  readonly write: (file: string, text: string) => Promise<void>;
  /** Called when the sidecar file was written. */
  readonly described: () => void;
}

export interface ModelSubject {
  readonly model: string;
  readonly modelName: string;
  readonly image: { readonly path: string; readonly name: string } | undefined;
  readonly isFormOpen: boolean;
}

export interface ModelSession {
  state(): ModelPageState;
  image(): string | undefined;
  /** Reads the model where nothing is there yet or a file changed. */
  refresh(): Promise<void>;
  /** Makes the thumbnails of an image. */
  showImage(image: { readonly path: string; readonly name: string }): Promise<void>;
  openForm(isOpen: boolean): void;
  takeLabels(file: string, path: string): Promise<void>;
  /** Writes the sidecar file, where what is stated can be read, and reads the model again. */
  describe(stated: StatedDescription): Promise<void>;
  /** Shows all thumbnails again, for a page that is new. */
  repeatThumbnails(): void;
  cancel(): void;
  dispose(): void;
}

/** The longer side of the image beside its thumbnails, in pixels. */
const previewSide = 320;

/** A session that has done nothing yet; `refresh` starts it. */
export function createModelSession(subject: ModelSubject, world: ModelWorld): ModelSession {
  const { model } = subject;
  let card: ModelCard | undefined;
  let summary: ModelSummary | undefined;
  let file: DescriptionFile | undefined;
  let stamp: string | undefined;
  let [busy, failure]: [ModelPageState["busy"], ModelPageState["failure"]] = [undefined, undefined];
  let form: Pick<ModelPageState["form"], "isOpen" | "problem" | "saved" | "chosenLabels"> = { isOpen: subject.isFormOpen, problem: undefined, saved: undefined, chosenLabels: undefined };
  let image: { readonly path: string; readonly name: string; readonly preview: NonNullable<ModelPageState["image"]>["preview"] } | undefined = subject.image && { ...subject.image, preview: undefined };
  let thumbnails: ModelPageState["thumbnails"] = { run: 0, busy: undefined, failure: undefined };
  let made: LayerThumbnail[] = [];
  let [reading, drawing]: [AbortController | undefined, AbortController | undefined] = [undefined, undefined];
  let disposed = false;

  const notesOf = ({ notes, problem }: DescriptionFile) => [...(problem ? [world.describeFailure(new WhylightError(problem.code, problem.data)).text] : []), ...notes.map(world.noteText)];
  const state = (): ModelPageState => ({
    strings: world.strings, modelName: subject.modelName, path: model, runtime: world.runtime(), card, summary, busy, failure, thumbnails,
    image, form: { ...form, file, notes: file ? notesOf(file) : [] },
  });
  const show = () => {
    if (!disposed) world.show(state());
  };

  async function read(): Promise<void> {
    reading?.abort();
    const running = new AbortController();
    reading = running;
    const { signal } = running;
    failure = undefined;
    try {
      const now = await world.stamp();
      if (running !== reading || (summary && now === stamp)) return;
      busy = { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") };
      show();
      const [cards, told] = await Promise.all([world.call("identifyModels", { paths: [model] }, { signal }), world.call("inspectModel", { model }, { signal })]);
      // What describes the model is asked for once it is known that it can be read.
      const described = await world.call("readDescription", { model }, { signal });
      if (running !== reading) return;
      [card, summary, file, stamp] = [cards.find(({ path }) => path === model) ?? cards[0], told, described, now];
    } catch (thrown) {
      if (running !== reading) return;
      failure = failureOf(world, thrown);
      await readFileAlone();
    } finally {
      if (running === reading) {
        [reading, busy] = [undefined, undefined];
        show();
      }
    }
  }

  /** A sidecar file that is wrong keeps the model from being summarised, and is what the form mends. */
  async function readFileAlone(): Promise<void> {
    if (failure?.code !== "descriptionInvalid") return;
    file = await world.call("readDescription", { model }).catch(() => file);
    form = { ...form, isOpen: true };
  }

  async function draw(of: { readonly path: string; readonly name: string }): Promise<void> {
    drawing?.abort();
    const running = new AbortController();
    drawing = running;
    const { signal } = running;
    const run = thumbnails.run + 1;
    image = { ...of, preview: image?.path === of.path ? image.preview : undefined };
    made = [];
    thumbnails = { run, busy: { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") }, failure: undefined };
    show();
    const isDue = createPace();
    try {
      image = { ...of, preview: ownBytes(await world.call("previewImage", { path: of.path, maxSide: previewSide }, { signal })) };
      if (running !== drawing) return;
      show();
      await world.call("layerThumbnails", { model, input: of.path, layers: [], runtime: world.runtime() }, {
        signal,
        onProgress: ({ phase, done, total, thumbnails: some }) => {
          if (running !== drawing) return;
          if (some) {
            const own = some.map(ownPictures);
            made.push(...own);
            if (!disposed) world.showThumbnails(run, own);
          }
          const isNews = phase !== thumbnails.busy?.phase;
          thumbnails = { ...thumbnails, busy: { phase, done, total, text: world.phaseText(phase) } };
          if (isDue(isNews || some !== undefined)) show();
        },
      });
    } catch (thrown) {
      if (running !== drawing) return;
      const error = toWhylightError(thrown);
      thumbnails = { ...thumbnails, failure: error.code === "cancelled" ? undefined : failureOf(world, error)?.text };
    } finally {
      if (running === drawing) {
        drawing = undefined;
        thumbnails = { ...thumbnails, busy: undefined };
        show();
      }
    }
  }

  async function describe(stated: StatedDescription): Promise<void> {
    try {
      const place = file ?? (await world.call("readDescription", { model }));
      const text = sidecarText(place.text, stated);
      await world.call("checkDescription", { model, text });
      await world.write(place.file, text);
      form = { ...form, problem: undefined, saved: place.file, chosenLabels: undefined };
      world.described();
      // The file's time may be the same to the second.
      stamp = undefined;
      await read();
      if (image) await draw(image);
    } catch (thrown) {
      const error = thrown instanceof SyntaxError ? new WhylightError("descriptionInvalid", { file: file?.file ?? model, field: "the whole file", reason: "it is not JSON" }) : toWhylightError(thrown);
      form = { ...form, problem: failureOf(world, error)?.text, saved: undefined };
      show();
    }
  }

  return {
    state,
    image: () => image?.path,
    refresh: async () => {
      await read();
      if (image && summary && made.length === 0 && !drawing) await draw(image);
    },
    showImage: draw,
    openForm: (isOpen) => {
      form = { ...form, isOpen, ...(isOpen ? {} : { problem: undefined, saved: undefined }) };
      show();
    },
    takeLabels: async (name, path) => {
      try {
        const { labels } = await world.call("readLabels", { path });
        form = { ...form, problem: undefined, chosenLabels: { choice: (form.chosenLabels?.choice ?? 0) + 1, file: name, labels } };
      } catch (thrown) {
        form = { ...form, problem: failureOf(world, thrown)?.text };
      }
      show();
    },
    describe,
    repeatThumbnails: () => {
      if (!disposed && made.length > 0) world.showThumbnails(thumbnails.run, made);
    },
    cancel: () => {
      drawing?.abort();
      reading?.abort();
    },
    dispose: () => {
      disposed = true;
      drawing?.abort();
      reading?.abort();
    },
  };
}

function ownPictures(thumbnail: LayerThumbnail): LayerThumbnail {
  const own = <Picture extends LayerThumbnail["mean"]>(one: Picture): Picture => ({ ...one, picture: ownBytes(one.picture) });
  return { ...thumbnail, mean: own(thumbnail.mean), channels: thumbnail.channels.map(own) };
}
