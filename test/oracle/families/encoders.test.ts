/** @file Encoders of texts as transformers computes them: BERT, RoBERTa, XLM-R, CamemBERT, DistilBERT, ALBERT, ELECTRA, MPNet, DeBERTa v2 and v3. */
import { testRecordedFamily } from "../recordedFamilies.js";

await testRecordedFamily("encoders");
