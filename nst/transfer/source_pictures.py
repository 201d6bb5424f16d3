"""The pictures that a run is painted from, as it uses them."""

from collections.abc import Sequence

from torch import Tensor

from nst.pictures.resize import enlarge
from nst.pyramid import Scale, style_size
from nst.settings import Settings
from nst.steps import Picture, Start
from nst.transfer.colours import luminance, prepare_colours, restore_colours
from nst.transfer.composite import Compositor
from nst.transfer.images import cover, resize, to_picture, to_tensor
from nst.transfer.preparation import Preparation
from nst.transfer.regions import Mask, Regions


class SourcePictures:
    """The photo and the styles in the colours of the run, and the regions of its mask.

    Args:
        photo: the content, uint8 (H, W, 3).
        paintings: the styles, uint8 (h, w, 3) each.
        settings: colours and style_scale are read.
        prepared: where the pictures are held, and the mask.

    Attributes:
        styles: (1, 3, h, w) in [0, 1] each, of their own size.
    """

    def __init__(self, photo: Picture, paintings: Sequence[Picture], settings: Settings, prepared: Preparation) -> None:
        self._settings, self._home = settings, prepared.home
        self._photo, *styles = (to_tensor(picture, prepared.home) for picture in (photo, *paintings))
        self._set_mask(prepared.mask)
        regions = self.regions(self._photo)
        guides = [regions.guide_of(style) if regions else None for style in range(len(styles))]
        self._content, self.styles = prepare_colours(self._photo, styles, settings.colours, guides)

    def begin_frame(self, photo: Picture, mask: Mask | None) -> None:
        """Take another photo of the same size, uint8 (H, W, 3), and its mask; the styles keep their colours."""
        self._photo = to_tensor(photo, self._home)
        self._content, _ = prepare_colours(self._photo, [], self._settings.colours, [])
        self._set_mask(mask)

    def content_at(self, scale: Scale, *, last: bool) -> Tensor:
        """The content at a scale, (1, 3, H, W); at the last one, the larger one is let go."""
        content = resize(self._content, scale.width, scale.height)
        if last:
            self._content = content
        return content

    def styles_at(self, scale: Scale) -> list[Tensor]:
        """The styles, each at the size that gives its strokes theirs at a scale."""
        sizes = [style_size(each.shape[-1], each.shape[-2], scale, self._settings.style_scale) for each in self.styles]
        return [resize(style, *size) for style, size in zip(self.styles, sizes, strict=True)]

    def regions(self, content: Tensor) -> Regions | None:
        """The regions of the mask at the content's size, (1, 3, H, W); None without one."""
        return self._mask.regions(content) if self._mask else None

    def as_painted(self, start: Start, scale: Scale) -> Tensor:
        """What was painted, (1, 3, H, W), of a picture in which it was shown."""
        image = cover(to_tensor(start.picture, self._home), scale.width, scale.height)
        if self._compositor and start.index > 0:
            image = self._compositor.separate(image)
        if self._settings.colours == "keep":
            image = luminance(image).expand_as(image).contiguous()
        return image

    def show(self, image: Tensor, enlarged: tuple[int, int] | None = None) -> Picture:
        """The image as people see it, uint8 (H, W, 3), in the colours that were chosen, over what is left alone."""
        if self._settings.colours == "keep":
            # Only then: a photo of 12 megapixels takes 27 ms to resize, at every preview.
            photo = resize(self._photo, image.shape[-1], image.shape[-2])
            image = restore_colours(image.detach().to(photo.device).clamp(0, 1), photo)
        picture = to_picture(image)
        if enlarged:
            picture = enlarge(picture, *enlarged)
        return picture if self._compositor is None else self._compositor.blend(picture)

    def _set_mask(self, mask: Mask | None) -> None:
        self._mask = mask
        self._compositor = Compositor(self._photo, mask) if mask else None
