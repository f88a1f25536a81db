# DDT on the last pooled features of VGG16, 14 x 14 at 448 px.
model = dict(
    type='mmscm.DDTLocalizer',
    backbone=dict(type='VGG', depth=16, out_indices=(4,)),
    num_classes=1000,
    in_channels=512,
)
