"""The architectures of the zoo: how each is built, small, from the public code of torchvision, timm and transformers. No weights are downloaded."""
import timm
import torch
import torchvision
import transformers


def timm_image(model, size=64, **options):
    return {"kind": "image", "size": size, "build": lambda: timm.create_model(model, num_classes=10, **options)}


def timm_class(module, name, size=64, **options):
    """A class of timm by itself, where the registered sizes cannot be made smaller."""
    return {"kind": "image", "size": size, "build": lambda: getattr(getattr(timm.models, module), name)(num_classes=10, **options)}


def torchvision_image(model, size=64, **options):
    return {"kind": "image", "size": size, "build": lambda: getattr(torchvision.models, model)(num_classes=10, **options)}


def torchvision_class(name, size=64, **options):
    return {"kind": "image", "size": size, "build": lambda: getattr(torchvision.models, name)(num_classes=10, **options)}


def text(family, head, tokens=12, **options):
    """A transformers model from its configuration; `head` is the class's ending, the output the first tensor it returns."""
    def build():
        config = getattr(transformers, f"{family}Config")(**{"vocab_size": 200, "num_labels": 5, "pad_token_id": 0, **options})
        return getattr(transformers, f"{family}{head}")._from_config(config)
    return {"kind": "text", "tokens": tokens, "build": build}


def vgg():
    """With a narrow head: the original's alone weighs 400 MB."""
    model = torchvision.models.vgg11_bn(num_classes=10, init_weights=False)
    model.classifier = torch.nn.Sequential(torch.nn.Linear(512 * 7 * 7, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    return model


def clip_vision():
    config = transformers.CLIPVisionConfig(hidden_size=64, intermediate_size=128, projection_dim=16, num_hidden_layers=3, num_attention_heads=4, image_size=64, patch_size=16)
    return transformers.CLIPVisionModelWithProjection(config)


bert = {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 64}
llama = {**bert, "num_key_value_heads": 2, "use_cache": False}
small_swin = {"patch_size": [4, 4], "embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4], "window_size": [4, 4]}
mixer = {"img_size": 64, "patch_size": 16, "num_blocks": 3, "embed_dim": 64}
small_vit = {"img_size": 64, "depth": 4, "embed_dim": 64, "num_heads": 4}

ARCHITECTURES = {
    # torchvision
    "tv_alexnet": torchvision_image("alexnet", 224),
    "tv_vgg11_bn": {"kind": "image", "size": 224, "build": vgg},
    "tv_resnet18": torchvision_image("resnet18"),
    "tv_resnext": torchvision_class("ResNet", block=torchvision.models.resnet.Bottleneck, layers=[1, 1, 1, 1], groups=32, width_per_group=4),
    "tv_densenet": torchvision_class("DenseNet", block_config=(3, 3, 3, 3)),
    "tv_squeezenet1_1": torchvision_image("squeezenet1_1"),
    "tv_shufflenet_v2": torchvision_image("shufflenet_v2_x0_5"),
    "tv_mnasnet0_5": torchvision_image("mnasnet0_5"),
    "tv_mobilenet_v2": torchvision_image("mobilenet_v2", width_mult=0.5),
    "tv_mobilenet_v3_small": torchvision_image("mobilenet_v3_small"),
    "tv_googlenet": torchvision_image("googlenet", aux_logits=False, init_weights=False),
    "tv_inception_v3": torchvision_image("inception_v3", 96, aux_logits=False, init_weights=False),
    "tv_regnet_y_400mf": torchvision_image("regnet_y_400mf"),
    "tv_efficientnet_b0": torchvision_image("efficientnet_b0"),
    "tv_efficientnet_v2_s": torchvision_image("efficientnet_v2_s"),
    "tv_convnext_tiny": torchvision_image("convnext_tiny"),
    "tv_vit_b_32": torchvision_image("vit_b_32", image_size=64),
    "tv_swin": torchvision_class("SwinTransformer", **small_swin),
    "tv_swin_v2": torchvision_class("SwinTransformer", **small_swin, block=torchvision.models.swin_transformer.SwinTransformerBlockV2, downsample_layer=torchvision.models.swin_transformer.PatchMergingV2),
    "tv_maxvit": {"kind": "image", "size": 64, "build": lambda: torchvision.models.MaxVit(
        input_size=(64, 64), stem_channels=16, partition_size=2, block_channels=[16, 32, 64], block_layers=[1, 1, 1], head_dim=8, stochastic_depth_prob=0.0, num_classes=10)},
    # timm: convolutional
    "resnet26d": timm_image("resnet26d"),
    "seresnet18": timm_image("legacy_seresnet18"),
    "resnetv2_gn": timm_image("resnetv2_50", layers=(1, 1, 1, 1)),
    "res2net": timm_image("res2net50_26w_4s", layers=(1, 1, 1, 1)),
    "resnest14d": timm_image("resnest14d"),
    "skresnet18": timm_image("skresnet18"),
    "regnetx_002": timm_image("regnetx_002"),
    "densenet_small": timm_image("densenet121", block_config=(2, 2, 2, 2)),
    "dpn48b": timm_image("dpn48b"),
    "hrnet_w18_small": timm_image("hrnet_w18_small"),
    "repvgg_a0": timm_image("repvgg_a0"),
    "cspresnet50": timm_image("cspresnet50"),
    "dla46_c": timm_image("dla46_c", 128),
    "xception41": timm_image("xception41"),
    "selecsls42": timm_image("selecsls42", 128),
    "vovnet": timm_image("ese_vovnet19b_slim"),
    "hardcorenas_a": timm_image("hardcorenas_a"),
    "lcnet_050": timm_image("lcnet_050"),
    "mixnet_s": timm_image("mixnet_s"),
    "mobilenetv3_small": timm_image("mobilenetv3_small_050"),
    "mobilenetv4_conv_small": timm_image("mobilenetv4_conv_small_050"),
    "mobilenetv4_hybrid": timm_image("mobilenetv4_hybrid_medium"),
    "efficientnet_lite0": timm_image("efficientnet_lite0"),
    "tf_efficientnet_b0": timm_image("tf_efficientnet_b0"),
    "efficientnetv2_rw_t": timm_image("efficientnetv2_rw_t", 128),
    "rexnet_100": timm_image("rexnet_100"),
    "ghostnet_050": timm_image("ghostnet_050"),
    "ghostnetv2_100": timm_image("ghostnetv2_100", 128),
    "repghostnet_050": timm_image("repghostnet_050"),
    "nfnet": timm_image("test_nfnet"),
    "nf_regnet_b0": timm_image("nf_regnet_b0"),
    "convnext_atto": timm_image("convnext_atto", depths=(1, 1, 2, 1)),
    "convnextv2_atto": timm_image("convnextv2_atto", depths=(1, 1, 2, 1)),
    "inception_next_atto": timm_image("inception_next_atto"),
    "inception_resnet_v2": timm_image("inception_resnet_v2", 96),
    "convmixer": timm_class("convmixer", "ConvMixer", dim=64, depth=4, kernel_size=7, patch_size=4),
    "hgnetv2_b0": timm_image("hgnetv2_b0"),
    "starnet_s1": timm_image("starnet_s1", depths=(1, 1, 2, 1)),
    "repvit_m0_9": timm_image("repvit_m0_9"),
    "fasternet_t0": timm_image("fasternet_t0"),
    # timm: attention, mixers and hybrids
    "vit_tiny": timm_image("vit_tiny_patch16_224", **small_vit),
    "vit_registers_gap": timm_image("vit_tiny_patch16_224", **small_vit, reg_tokens=4, global_pool="avg"),
    "vit_relpos": timm_image("vit_relpos_small_patch16_224", **small_vit),
    "deit_distilled": timm_image("deit_tiny_distilled_patch16_224", **small_vit),
    "deit3": timm_image("deit3_small_patch16_224", **small_vit),
    "beit": timm_image("beit_base_patch16_224", **small_vit),
    "eva02_rope": timm_image("eva02_tiny_patch14_224", 56, img_size=56, depth=3, embed_dim=48, num_heads=3),
    "cait": timm_image("cait_xxs24_224", img_size=64, depth=3, embed_dim=48, num_heads=4),
    "xcit": timm_image("xcit_nano_12_p16_224", img_size=64, depth=3, embed_dim=64, num_heads=4),
    "swin_timm": timm_image("swin_tiny_patch4_window7_224", img_size=64, window_size=4, depths=(2, 2, 2), embed_dim=24, num_heads=(1, 2, 4)),
    "swinv2_timm": timm_image("swinv2_tiny_window8_256", img_size=64, window_size=4, depths=(2, 2, 2), embed_dim=24, num_heads=(1, 2, 4)),
    "mixer": timm_class("mlp_mixer", "MlpMixer", **mixer),
    "gmlp": timm_class("mlp_mixer", "MlpMixer", **mixer, mlp_ratio=4, block_layer=timm.models.mlp_mixer.SpatialGatingBlock, mlp_layer=timm.layers.GatedMlp),
    "resmlp": timm_class("mlp_mixer", "MlpMixer", **mixer, mlp_ratio=4, block_layer=timm.models.mlp_mixer.ResBlock, norm_layer=timm.models.mlp_mixer.Affine),
    "maxvit_timm": timm_image("maxvit_pico_rw_256", img_size=64, depths=(1, 1), embed_dim=(32, 64), stem_width=16),
    "coatnet": timm_image("coatnet_nano_rw_224", img_size=64, depths=(1, 1, 1, 1), embed_dim=(32, 32, 64, 64), stem_width=16),
    "levit": timm_image("levit_128s", 64, img_size=64, embed_dim=(64, 96, 128), depth=(1, 1, 1), num_heads=(4, 6, 8)),
    "mobilevit_xxs": timm_image("mobilevit_xxs"),
    "mobilevitv2_050": timm_image("mobilevitv2_050"),
    "poolformer": timm_image("poolformer_s12", layers=(1, 1, 2, 1), embed_dims=(32, 64, 96, 128)),
    "poolformerv2": timm_image("poolformerv2_s12", layers=(1, 1, 2, 1), embed_dims=(32, 64, 96, 128)),
    "caformer": timm_image("caformer_s18"),
    "twins_svt": timm_image("twins_svt_small", img_size=64, depths=(1, 1, 1, 1), embed_dims=(32, 64, 96, 128)),
    "twins_pcpvt": timm_image("twins_pcpvt_small", img_size=64, depths=(1, 1, 1, 1)),
    "pvt_v2_b0": timm_image("pvt_v2_b0", depths=(1, 1, 1, 1)),
    "edgenext": timm_image("edgenext_xx_small"),
    "fastvit": timm_image("fastvit_t8", layers=(1, 1, 2, 1)),
    "efficientformer": timm_image("efficientformer_l1", 224, depths=(1, 1, 1, 2), embed_dims=(24, 32, 48, 64)),
    "efficientformerv2": timm_image("efficientformerv2_s0", img_size=64, depths=(1, 1, 2, 2)),
    "efficientvit_mit": timm_image("efficientvit_b0"),
    "efficientvit_msra": timm_image("efficientvit_m0", 128, img_size=128),
    "volo": timm_image("volo_d1_224", img_size=64),
    "tnt": timm_image("tnt_s_patch16_224", img_size=64, depth=3, embed_dim=96, inner_dim=24, num_heads_outer=4),
    "crossvit": timm_image("crossvit_tiny_240", 120, img_size=120, depth=((1, 2, 0), (1, 2, 0))),
    "visformer": timm_image("visformer_tiny", img_size=64, depth=(1, 1, 1), embed_dim=96),
    "nest": timm_class("nest", "Nest", img_size=64, patch_size=4, embed_dims=(24, 48, 96), num_heads=(2, 2, 4), depths=(1, 1, 2)),
    "pit": timm_image("pit_ti_224", 224),
    "coat": timm_image("coat_tiny", img_size=64, serial_depths=(1, 1, 1, 1), parallel_depth=1),
    "davit": timm_image("davit_tiny", 224, depths=(1, 1, 1, 1), embed_dims=(24, 48, 96, 96), num_heads=(2, 2, 4, 4)),
    "focalnet": timm_class("focalnet", "FocalNet", depths=(1, 1, 2, 1), embed_dim=24),
    "gcvit": timm_image("gcvit_xxtiny", 224),
    "hiera": timm_image("hiera_tiny_224", img_size=64, stages=(1, 1, 2, 1), embed_dim=32),
    "mvitv2": timm_image("mvitv2_tiny", 64, img_size=64),
    "sequencer2d": timm_image("sequencer2d_s", img_size=64, layers=(1, 1, 1, 1), embed_dims=(32, 48, 48, 48), hidden_sizes=(8, 12, 12, 12)),
    "tiny_vit": timm_image("tiny_vit_5m_224", 64),
    "nextvit": timm_image("nextvit_small"),
    "mambaout": timm_image("test_mambaout"),
    "swiftformer": timm_image("swiftformer_xs"),
    "clip_vision": {"kind": "image", "size": 64, "build": clip_vision},
    # transformers: text
    "bert": text("Bert", "ForSequenceClassification", **bert),
    "bert_eager": text("Bert", "ForSequenceClassification", attn_implementation="eager", **bert),
    "roberta": text("Roberta", "ForSequenceClassification", **bert),
    "xlm_roberta": text("XLMRoberta", "ForSequenceClassification", **bert),
    "camembert": text("Camembert", "ForTokenClassification", **bert),
    "distilbert": text("DistilBert", "ForSequenceClassification", dim=64, n_layers=3, n_heads=4, hidden_dim=128, max_position_embeddings=64),
    "albert": text("Albert", "ForSequenceClassification", embedding_size=32, **bert),
    "electra": text("Electra", "ForSequenceClassification", embedding_size=32, **bert),
    "deberta": text("Deberta", "ForSequenceClassification", relative_attention=True, pos_att_type=["c2p", "p2c"], max_relative_positions=32, position_biased_input=False, **bert),
    "deberta_v2": text("DebertaV2", "ForSequenceClassification", relative_attention=True, pos_att_type=["c2p", "p2c"], position_buckets=16, position_biased_input=False, norm_rel_ebd="layer_norm", share_att_key=True, **bert),
    "mpnet": text("MPNet", "ForSequenceClassification", **bert),
    "modernbert": text("ModernBert", "ForSequenceClassification", local_attention=8, global_attn_every_n_layers=2, **bert),
    "gpt2": text("GPT2", "LMHeadModel", n_embd=64, n_layer=3, n_head=4, n_positions=64, use_cache=False),
    "gpt2_classifier": text("GPT2", "ForSequenceClassification", n_embd=64, n_layer=3, n_head=4, n_positions=64, use_cache=False),
    "opt": text("OPT", "ForCausalLM", hidden_size=64, word_embed_proj_dim=64, num_hidden_layers=3, num_attention_heads=4, ffn_dim=128, max_position_embeddings=64, use_cache=False),
    "llama": text("Llama", "ForCausalLM", **llama),
    "mistral": text("Mistral", "ForCausalLM", sliding_window=8, **llama),
    "qwen2": text("Qwen2", "ForCausalLM", **llama),
    "gpt_neox": text("GPTNeoX", "ForCausalLM", **bert, use_cache=False),
    "t5_encoder": text("T5", "EncoderModel", d_model=64, d_kv=16, d_ff=128, num_layers=3, num_heads=4, use_cache=False),
    "clip_text": text("CLIPText", "ModelWithProjection", projection_dim=16, eos_token_id=199, **bert),
}

# For the memory check (memory.mjs): files of about 400 MB, one of convolutions and one of matrix products, with the input's size.
LARGE = {
    "wide_resnet": (lambda: torchvision.models.ResNet(torchvision.models.resnet.Bottleneck, [3, 4, 15, 3], width_per_group=128), 224),
    "vit": (lambda: timm.create_model("vit_base_patch16_224", depth=14), 224),
}
