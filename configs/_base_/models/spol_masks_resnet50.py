# SPOL, stage two: the same network learns the masks of stage one.
_base_ = './spol_resnet50.py'

model = dict(head=dict(type='mmscm.PseudoMaskHead'))
