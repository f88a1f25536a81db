# timm's rule of weight decay, which the released code follows: none of biases,
# norms and other vectors, of scalars and of what the model names.
released_decay = dict(
    norm_decay_mult=0.0,
    bias_decay_mult=0.0,
    flat_decay_mult=0.0,
    custom_keys={
        '.lambda_': dict(decay_mult=0.0),
        '.beta': dict(decay_mult=0.0),
        '.cls_token': dict(decay_mult=0.0),
        '.pos_embed': dict(decay_mult=0.0),
    },
)
