"""Grad-CAM as pytorch-grad-cam computes it."""


def cam_by_backward(model, x):
    """Hooks on layer4, and a backward pass that also computes every weight's gradient. Returns the map `[1, height, width]` of the likeliest class, and the class."""
    seen = {}

    def keep(module, inputs, activation):
        seen["activation"] = activation
        activation.register_hook(lambda cotangent: seen.update(cotangent=cotangent))

    handle = model.layer4.register_forward_hook(keep)
    logits = model(x)
    handle.remove()
    model.zero_grad()
    target = logits.argmax()
    logits[0, target].backward()
    return cam_of(seen["activation"], seen["cotangent"]), target


def cam_of(activation, cotangent):
    return (cotangent.mean((2, 3), keepdim=True) * activation.detach()).sum(1)
