# TS-CAM with Conformer-S: the CNN takes part in the logits only.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionConformer',
        arch='small',
        patch_size=16,
        drop_path_rate=0.1,  # as DeiT-S
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/conformer/'
            'conformer-small-p16_3rdparty_8xb128_in1k_20211206-3065dcf5.pth',
            prefix='backbone',
        ),
    ),
    head=dict(
        type='mmscm.ConformerSemanticHead',
        num_classes=1000,
        in_channels=384,
        cnn_channels=1024,
    ),
)

# Every process normalises its own batch, as the DataParallel of the released
# code does, so the running statistics differ; their mean is taken after every
# epoch, before validation and checkpoint. `sync_bn = 'torch'` normalises over
# all GPUs instead.
custom_hooks = [dict(type='SyncBuffersHook')]
