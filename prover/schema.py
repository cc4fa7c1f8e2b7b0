"""Types of fields that several files have, for pydantic."""

from typing import Annotated

from pydantic import Field

Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
Amount = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$")]
Counter = Annotated[int, Field(ge=0, lt=1 << 64, strict=True)]
